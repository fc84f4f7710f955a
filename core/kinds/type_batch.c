/* Pods that run to their end: io.k8s.api.batch.v1. */
#include "core/kinds/schema_table.h"

#define BATCH_V1 "io.k8s.api.batch.v1"

/* --- Job --- */

FIELDS(pod_failure_policy_on_exit_codes_requirement) = {
    FIELD(1, "containerName", STRING, POINTER, "Container; absent means any."),
    FIELD(2, "operator", STRING, EXPECTED | ALWAYS, "In or NotIn.",
          GO_TYPE("v1.PodFailurePolicyOnExitCodesOperator")),
    LIST(3, "values", INT32, EXPECTED, "The exit codes; 0 is not allowed with In.", SET),
};
TYPE(pod_failure_policy_on_exit_codes_requirement, "PodFailurePolicyOnExitCodesRequirement",
     BATCH_V1, "Exit codes of containers.");

FIELDS(pod_failure_policy_on_pod_conditions_pattern) = {
    FIELD(1, "type", STRING, EXPECTED | ALWAYS, "Type of the condition.",
          GO_TYPE("v1.PodConditionType")),
    FIELD(2, "status", STRING, ALWAYS, "Its status; absent means True.", DEFAULT_TEXT("True"),
          GO_TYPE("v1.ConditionStatus")),
};
TYPE(pod_failure_policy_on_pod_conditions_pattern, "PodFailurePolicyOnPodConditionsPattern",
     BATCH_V1, "A condition of a failed pod.");

FIELDS(pod_failure_policy_rule) = {
    FIELD(1, "action", STRING, EXPECTED | ALWAYS, "FailJob, FailIndex, Ignore or Count.",
          GO_TYPE("v1.PodFailurePolicyAction")),
    FIELD(2, "onExitCodes", OBJECT(pod_failure_policy_on_exit_codes_requirement), 0,
          "Exit codes for which the rule holds."),
    LIST(3, "onPodConditions", OBJECT(pod_failure_policy_on_pod_conditions_pattern), 0,
         "Conditions for which the rule holds; any of them."),
};
TYPE(pod_failure_policy_rule, "PodFailurePolicyRule", BATCH_V1,
     "What a failure of a certain kind means.");

FIELDS(pod_failure_policy) = {
    LIST(1, "rules", OBJECT(pod_failure_policy_rule), EXPECTED,
         "The rules; the first that holds counts."),
};
TYPE(pod_failure_policy, "PodFailurePolicy", BATCH_V1, "What failures of pods mean.");

FIELDS(success_policy_rule) = {
    FIELD(1, "succeededIndexes", STRING, POINTER, "Indexes that count, such as 1,3-5."),
    FIELD(2, "succeededCount", INT32, POINTER, "How many of them must have succeeded."),
};
TYPE(success_policy_rule, "SuccessPolicyRule", BATCH_V1, "When an indexed job has succeeded.");

FIELDS(success_policy) = {
    LIST(1, "rules", OBJECT(success_policy_rule), EXPECTED, "The rules; any of them."),
};
TYPE(success_policy, "SuccessPolicy", BATCH_V1,
     "When an indexed job has succeeded before all pods have.");

FIELDS(job_spec) = {
    FIELD(1, "parallelism", INT32, POINTER, "How many pods run at once."),
    FIELD(2, "completions", INT32, POINTER, "How many pods must succeed."),
    FIELD(3, "activeDeadlineSeconds", INT64, POINTER,
          "Seconds after its start at which the job is failed."),
    FIELD(11, "podFailurePolicy", OBJECT(pod_failure_policy), 0, "What failures of pods mean."),
    FIELD(16, "successPolicy", OBJECT(success_policy), 0,
          "When an indexed job has succeeded before all pods have."),
    FIELD(7, "backoffLimit", INT32, POINTER, "How many failures make the job fail."),
    FIELD(12, "backoffLimitPerIndex", INT32, POINTER, "How many failures make an index fail."),
    FIELD(13, "maxFailedIndexes", INT32, POINTER, "How many failed indexes make the job fail."),
    FIELD(4, "selector", OBJECT(label_selector), ATOMIC, "Labels of its pods; made by the server."),
    FIELD(5, "manualSelector", BOOL, POINTER, "Whether selector was written by hand."),
    FIELD(6, "template", OBJECT(pod_template_spec), EXPECTED | ALWAYS, "The pods that it makes."),
    FIELD(8, "ttlSecondsAfterFinished", INT32, POINTER,
          "Seconds after its end at which the job is removed."),
    FIELD(9, "completionMode", STRING, POINTER, "NonIndexed, or Indexed: each pod has a number.",
          GO_TYPE("v1.CompletionMode")),
    FIELD(10, "suspend", BOOL, POINTER, "Run no pods for now."),
    FIELD(14, "podReplacementPolicy", STRING, POINTER,
          "When a pod is replaced: when it is ending, or when it has failed.",
          GO_TYPE("v1.PodReplacementPolicy")),
    FIELD(15, "managedBy", STRING, POINTER,
          "Controller that runs the job; absent means the built-in one."),
};
TYPE(job_spec, "JobSpec", BATCH_V1, "What is wanted of a job.");

FIELDS(job_condition) = {
    FIELD(1, "type", STRING, EXPECTED | ALWAYS,
          "What the condition is about, such as Complete or Failed.",
          GO_TYPE("v1.JobConditionType")),
    FIELD(2, "status", STRING, EXPECTED | ALWAYS, "True, False or Unknown.",
          GO_TYPE("v1.ConditionStatus")),
    FIELD(3, "lastProbeTime", TIME, 0, "When it was last looked at."),
    FIELD(4, "lastTransitionTime", TIME, 0, "When status last changed."),
    FIELD(5, "reason", STRING, 0, "Why, as one word for programs."),
    FIELD(6, "message", STRING, 0, "Why, as a text for people."),
};
TYPE(job_condition, "JobCondition", BATCH_V1, "One aspect of a job's present state.");

FIELDS(uncounted_terminated_pods) = {
    LIST(1, "succeeded", STRING, 0, "UIDs of those that succeeded.", SET),
    LIST(2, "failed", STRING, 0, "UIDs of those that failed.", SET),
};
TYPE(uncounted_terminated_pods, "UncountedTerminatedPods", BATCH_V1,
     "Pods that have ended and are not counted yet.");

FIELDS(job_status) = {
    LIST(1, "conditions", OBJECT(job_condition), MERGED, "Aspects of its present state.",
         MERGE_KEY("type")),
    FIELD(2, "startTime", TIME, POINTER, "When it was started or resumed."),
    FIELD(3, "completionTime", TIME, POINTER, "When it succeeded."),
    FIELD(4, "active", INT32, 0, "How many pods are running or waiting."),
    FIELD(5, "succeeded", INT32, 0, "How many pods have succeeded."),
    FIELD(6, "failed", INT32, 0, "How many pods have failed."),
    FIELD(11, "terminating", INT32, POINTER, "How many pods are ending."),
    FIELD(7, "completedIndexes", STRING, 0, "Indexes that have succeeded, such as 1,3-5."),
    FIELD(10, "failedIndexes", STRING, POINTER, "Indexes that have failed."),
    FIELD(8, "uncountedTerminatedPods", OBJECT(uncounted_terminated_pods), 0,
          "Pods that have ended and are not counted yet."),
    FIELD(9, "ready", INT32, POINTER, "How many pods are ready."),
};
TYPE(job_status, "JobStatus", BATCH_V1, "What is known of a job.");

FIELDS(job) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(job_spec), ALWAYS, "What is wanted of the job."),
    FIELD(3, "status", OBJECT(job_status), ALWAYS, "What is known of the job."),
};
TYPE(job, "Job", BATCH_V1, "Runs pods until enough of them have succeeded.");

/* --- CronJob --- */

FIELDS(job_template_spec) = {
    FIELD(1, "metadata", OBJECT(object_meta), ALWAYS, "Labels and annotations of the jobs made."),
    FIELD(2, "spec", OBJECT(job_spec), ALWAYS, "What is wanted of the jobs made."),
};
TYPE(job_template_spec, "JobTemplateSpec", BATCH_V1, "A job as a CronJob makes it.");

FIELDS(cron_job_spec) = {
    FIELD(1, "schedule", STRING, EXPECTED | ALWAYS, "When, in cron's form."),
    FIELD(8, "timeZone", STRING, POINTER,
          "Time zone of the schedule; absent means the controller's own."),
    FIELD(2, "startingDeadlineSeconds", INT64, POINTER,
          "Seconds that a job may be late; later it is skipped."),
    FIELD(3, "concurrencyPolicy", STRING, 0,
          "What to do while the last job still runs: Allow, Forbid or Replace.",
          DEFAULT_TEXT("Allow"), GO_TYPE("v1.ConcurrencyPolicy")),
    FIELD(4, "suspend", BOOL, POINTER, "Make no jobs for now."),
    FIELD(5, "jobTemplate", OBJECT(job_template_spec), EXPECTED | ALWAYS,
          "The jobs that it makes."),
    FIELD(6, "successfulJobsHistoryLimit", INT32, POINTER,
          "How many jobs that succeeded are kept."),
    FIELD(7, "failedJobsHistoryLimit", INT32, POINTER, "How many jobs that failed are kept."),
};
TYPE(cron_job_spec, "CronJobSpec", BATCH_V1, "When jobs are made.");

FIELDS(cron_job_status) = {
    LIST(1, "active", OBJECT(object_reference), 0, "Jobs that are running."),
    FIELD(4, "lastScheduleTime", TIME, POINTER, "When a job was last made."),
    FIELD(5, "lastSuccessfulTime", TIME, POINTER, "When a job last succeeded."),
};
TYPE(cron_job_status, "CronJobStatus", BATCH_V1, "What is known of it.");

FIELDS(cron_job) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(cron_job_spec), ALWAYS, "When jobs are made."),
    FIELD(3, "status", OBJECT(cron_job_status), ALWAYS, "What is known of it."),
};
TYPE(cron_job, "CronJob", BATCH_V1, "Makes jobs on a schedule.");
