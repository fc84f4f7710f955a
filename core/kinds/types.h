/* The types that tables define: one declaration a line, sorted within its file. */
#ifndef CORE_KINDS_TYPES_H
#define CORE_KINDS_TYPES_H

#include "core/kinds/schema.h"

/* type_apps.c: io.k8s.api.core.v1, io.k8s.api.apps.v1 */
extern const struct schema_type type_claim_retention_policy;
extern const struct schema_type type_controller_revision;
extern const struct schema_type type_daemon_set;
extern const struct schema_type type_daemon_set_condition;
extern const struct schema_type type_daemon_set_spec;
extern const struct schema_type type_daemon_set_status;
extern const struct schema_type type_daemon_set_update_strategy;
extern const struct schema_type type_deployment;
extern const struct schema_type type_deployment_condition;
extern const struct schema_type type_deployment_spec;
extern const struct schema_type type_deployment_status;
extern const struct schema_type type_deployment_strategy;
extern const struct schema_type type_replica_set;
extern const struct schema_type type_replica_set_condition;
extern const struct schema_type type_replica_set_spec;
extern const struct schema_type type_replica_set_status;
extern const struct schema_type type_replication_controller;
extern const struct schema_type type_replication_controller_condition;
extern const struct schema_type type_replication_controller_spec;
extern const struct schema_type type_replication_controller_status;
extern const struct schema_type type_rolling_update_daemon_set;
extern const struct schema_type type_rolling_update_deployment;
extern const struct schema_type type_rolling_update_stateful_set_strategy;
extern const struct schema_type type_stateful_set;
extern const struct schema_type type_stateful_set_condition;
extern const struct schema_type type_stateful_set_ordinals;
extern const struct schema_type type_stateful_set_spec;
extern const struct schema_type type_stateful_set_status;
extern const struct schema_type type_stateful_set_update_strategy;

/* type_autoscaling.c: io.k8s.api.autoscaling.v1 */
extern const struct schema_type type_scale;
extern const struct schema_type type_scale_spec;
extern const struct schema_type type_scale_status;

/* type_batch.c: io.k8s.api.batch.v1 */
extern const struct schema_type type_cron_job;
extern const struct schema_type type_cron_job_spec;
extern const struct schema_type type_cron_job_status;
extern const struct schema_type type_job;
extern const struct schema_type type_job_condition;
extern const struct schema_type type_job_spec;
extern const struct schema_type type_job_status;
extern const struct schema_type type_job_template_spec;
extern const struct schema_type type_pod_failure_policy;
extern const struct schema_type type_pod_failure_policy_on_exit_codes_requirement;
extern const struct schema_type type_pod_failure_policy_on_pod_conditions_pattern;
extern const struct schema_type type_pod_failure_policy_rule;
extern const struct schema_type type_success_policy;
extern const struct schema_type type_success_policy_rule;
extern const struct schema_type type_uncounted_terminated_pods;

/* type_certificate.c: io.k8s.api.certificates.v1 */
extern const struct schema_type type_certificate_signing_request;
extern const struct schema_type type_certificate_signing_request_condition;
extern const struct schema_type type_certificate_signing_request_spec;
extern const struct schema_type type_certificate_signing_request_status;

/* type_config.c: io.k8s.api.core.v1 */
extern const struct schema_type type_config_map;
extern const struct schema_type type_namespace;
extern const struct schema_type type_namespace_condition;
extern const struct schema_type type_namespace_spec;
extern const struct schema_type type_namespace_status;
extern const struct schema_type type_secret;
extern const struct schema_type type_service_account;

/* type_container.c: io.k8s.api.core.v1 */
extern const struct schema_type type_config_map_env_source;
extern const struct schema_type type_config_map_key_selector;
extern const struct schema_type type_container;
extern const struct schema_type type_container_port;
extern const struct schema_type type_container_resize_policy;
extern const struct schema_type type_container_restart_rule;
extern const struct schema_type type_container_restart_rule_on_exit_codes;
extern const struct schema_type type_env_from_source;
extern const struct schema_type type_env_var;
extern const struct schema_type type_env_var_source;
extern const struct schema_type type_ephemeral_container;
extern const struct schema_type type_ephemeral_container_common;
extern const struct schema_type type_file_key_selector;
extern const struct schema_type type_object_field_selector;
extern const struct schema_type type_resource_claim;
extern const struct schema_type type_resource_field_selector;
extern const struct schema_type type_resource_requirements;
extern const struct schema_type type_secret_env_source;
extern const struct schema_type type_secret_key_selector;
extern const struct schema_type type_volume_device;
extern const struct schema_type type_volume_mount;

/* type_container_status.c: io.k8s.api.core.v1 */
extern const struct schema_type type_container_state;
extern const struct schema_type type_container_state_running;
extern const struct schema_type type_container_state_terminated;
extern const struct schema_type type_container_state_waiting;
extern const struct schema_type type_container_status;
extern const struct schema_type type_container_user;
extern const struct schema_type type_linux_container_user;
extern const struct schema_type type_resource_health;
extern const struct schema_type type_resource_status;
extern const struct schema_type type_volume_mount_status;

/* type_event.c: io.k8s.api.core.v1, io.k8s.api.events.v1 */
extern const struct schema_type type_event;
extern const struct schema_type type_event_series;
extern const struct schema_type type_event_source;
extern const struct schema_type type_events_event;
extern const struct schema_type type_events_event_series;

/* type_lease.c: io.k8s.api.coordination.v1 */
extern const struct schema_type type_lease;
extern const struct schema_type type_lease_spec;

/* type_meta.c: io.k8s.apimachinery.pkg.apis.meta.v1 */
extern const struct schema_type type_condition;
extern const struct schema_type type_create_options;
extern const struct schema_type type_delete_options;
extern const struct schema_type type_field_selector_requirement;
extern const struct schema_type type_get_options;
extern const struct schema_type type_group_kind;
extern const struct schema_type type_group_resource;
extern const struct schema_type type_group_version_kind;
extern const struct schema_type type_group_version_resource;
extern const struct schema_type type_label_selector;
extern const struct schema_type type_label_selector_requirement;
extern const struct schema_type type_list_meta;
extern const struct schema_type type_list_options;
extern const struct schema_type type_managed_fields_entry;
extern const struct schema_type type_object_meta;
extern const struct schema_type type_owner_reference;
extern const struct schema_type type_partial_object_metadata;
extern const struct schema_type type_partial_object_metadata_list;
extern const struct schema_type type_patch_options;
extern const struct schema_type type_preconditions;
extern const struct schema_type type_status;
extern const struct schema_type type_status_cause;
extern const struct schema_type type_status_details;
extern const struct schema_type type_update_options;

/* type_node.c: io.k8s.api.core.v1 */
extern const struct schema_type type_attached_volume;
extern const struct schema_type type_config_map_node_config_source;
extern const struct schema_type type_container_image;
extern const struct schema_type type_daemon_endpoint;
extern const struct schema_type type_node;
extern const struct schema_type type_node_address;
extern const struct schema_type type_node_condition;
extern const struct schema_type type_node_config_source;
extern const struct schema_type type_node_config_status;
extern const struct schema_type type_node_daemon_endpoints;
extern const struct schema_type type_node_features;
extern const struct schema_type type_node_runtime_handler;
extern const struct schema_type type_node_runtime_handler_features;
extern const struct schema_type type_node_spec;
extern const struct schema_type type_node_status;
extern const struct schema_type type_node_swap_status;
extern const struct schema_type type_node_system_info;

/* type_placement.c: io.k8s.api.core.v1 */
extern const struct schema_type type_affinity;
extern const struct schema_type type_node_affinity;
extern const struct schema_type type_node_selector;
extern const struct schema_type type_node_selector_requirement;
extern const struct schema_type type_node_selector_term;
extern const struct schema_type type_pod_affinity;
extern const struct schema_type type_pod_affinity_term;
extern const struct schema_type type_pod_anti_affinity;
extern const struct schema_type type_preferred_scheduling_term;
extern const struct schema_type type_taint;
extern const struct schema_type type_toleration;
extern const struct schema_type type_topology_spread_constraint;
extern const struct schema_type type_weighted_pod_affinity_term;

/* type_pod.c: io.k8s.api.core.v1 */
extern const struct schema_type type_binding;
extern const struct schema_type type_container_extended_resource_request;
extern const struct schema_type type_host_alias;
extern const struct schema_type type_host_ip;
extern const struct schema_type type_pod;
extern const struct schema_type type_pod_condition;
extern const struct schema_type type_pod_dns_config;
extern const struct schema_type type_pod_dns_config_option;
extern const struct schema_type type_pod_extended_resource_claim_status;
extern const struct schema_type type_pod_ip;
extern const struct schema_type type_pod_os;
extern const struct schema_type type_pod_readiness_gate;
extern const struct schema_type type_pod_resource_claim;
extern const struct schema_type type_pod_resource_claim_status;
extern const struct schema_type type_pod_scheduling_gate;
extern const struct schema_type type_pod_scheduling_group;
extern const struct schema_type type_pod_spec;
extern const struct schema_type type_pod_status;
extern const struct schema_type type_pod_template;
extern const struct schema_type type_pod_template_spec;
extern const struct schema_type type_workload_reference;

/* type_policy.c: io.k8s.api.policy.v1 */
extern const struct schema_type type_eviction;
extern const struct schema_type type_pod_disruption_budget;
extern const struct schema_type type_pod_disruption_budget_spec;
extern const struct schema_type type_pod_disruption_budget_status;

/* type_priority_class.c: io.k8s.api.scheduling.v1 */
extern const struct schema_type type_priority_class;

/* type_probe.c: io.k8s.api.core.v1 */
extern const struct schema_type type_exec_action;
extern const struct schema_type type_grpc_action;
extern const struct schema_type type_http_get_action;
extern const struct schema_type type_http_header;
extern const struct schema_type type_lifecycle;
extern const struct schema_type type_lifecycle_handler;
extern const struct schema_type type_probe;
extern const struct schema_type type_probe_handler;
extern const struct schema_type type_sleep_action;
extern const struct schema_type type_tcp_socket_action;

/* type_quota.c: io.k8s.api.core.v1 */
extern const struct schema_type type_limit_range;
extern const struct schema_type type_limit_range_item;
extern const struct schema_type type_limit_range_spec;
extern const struct schema_type type_resource_quota;
extern const struct schema_type type_resource_quota_spec;
extern const struct schema_type type_resource_quota_status;
extern const struct schema_type type_scope_selector;
extern const struct schema_type type_scoped_resource_selector_requirement;

/* type_rbac.c: io.k8s.api.rbac.v1 */
extern const struct schema_type type_aggregation_rule;
extern const struct schema_type type_cluster_role;
extern const struct schema_type type_cluster_role_binding;
extern const struct schema_type type_policy_rule;
extern const struct schema_type type_role;
extern const struct schema_type type_role_binding;
extern const struct schema_type type_role_ref;
extern const struct schema_type type_subject;

/* type_reference.c: io.k8s.api.core.v1 */
extern const struct schema_type type_local_object_reference;
extern const struct schema_type type_object_reference;
extern const struct schema_type type_secret_reference;
extern const struct schema_type type_typed_local_object_reference;
extern const struct schema_type type_typed_object_reference;

/* type_review.c: io.k8s.api.authentication.v1, io.k8s.api.authorization.v1 */
extern const struct schema_type type_bound_object_reference;
extern const struct schema_type type_extra_value;
extern const struct schema_type type_field_selector_attributes;
extern const struct schema_type type_label_selector_attributes;
extern const struct schema_type type_local_subject_access_review;
extern const struct schema_type type_non_resource_attributes;
extern const struct schema_type type_non_resource_rule;
extern const struct schema_type type_resource_attributes;
extern const struct schema_type type_resource_rule;
extern const struct schema_type type_self_subject_access_review;
extern const struct schema_type type_self_subject_access_review_spec;
extern const struct schema_type type_self_subject_review;
extern const struct schema_type type_self_subject_review_status;
extern const struct schema_type type_self_subject_rules_review;
extern const struct schema_type type_self_subject_rules_review_spec;
extern const struct schema_type type_subject_access_review;
extern const struct schema_type type_subject_access_review_spec;
extern const struct schema_type type_subject_access_review_status;
extern const struct schema_type type_subject_rules_review_status;
extern const struct schema_type type_token_request;
extern const struct schema_type type_token_request_spec;
extern const struct schema_type type_token_request_status;
extern const struct schema_type type_token_review;
extern const struct schema_type type_token_review_spec;
extern const struct schema_type type_token_review_status;
extern const struct schema_type type_user_info;

/* type_security.c: io.k8s.api.core.v1 */
extern const struct schema_type type_app_armor_profile;
extern const struct schema_type type_capabilities;
extern const struct schema_type type_pod_security_context;
extern const struct schema_type type_seccomp_profile;
extern const struct schema_type type_security_context;
extern const struct schema_type type_selinux_options;
extern const struct schema_type type_sysctl;
extern const struct schema_type type_windows_security_context_options;

/* type_service.c: io.k8s.api.core.v1, io.k8s.api.discovery.v1 */
extern const struct schema_type type_client_ip_config;
extern const struct schema_type type_endpoint;
extern const struct schema_type type_endpoint_address;
extern const struct schema_type type_endpoint_conditions;
extern const struct schema_type type_endpoint_hints;
extern const struct schema_type type_endpoint_port;
extern const struct schema_type type_endpoint_slice;
extern const struct schema_type type_endpoint_subset;
extern const struct schema_type type_endpoints;
extern const struct schema_type type_for_node;
extern const struct schema_type type_for_zone;
extern const struct schema_type type_load_balancer_ingress;
extern const struct schema_type type_load_balancer_status;
extern const struct schema_type type_port_status;
extern const struct schema_type type_service;
extern const struct schema_type type_service_port;
extern const struct schema_type type_service_spec;
extern const struct schema_type type_service_status;
extern const struct schema_type type_session_affinity_config;
extern const struct schema_type type_slice_endpoint_port;

/* type_volume.c: io.k8s.api.core.v1 */
extern const struct schema_type type_cluster_trust_bundle_projection;
extern const struct schema_type type_config_map_projection;
extern const struct schema_type type_config_map_volume_source;
extern const struct schema_type type_downward_api_projection;
extern const struct schema_type type_downward_api_volume_file;
extern const struct schema_type type_downward_api_volume_source;
extern const struct schema_type type_empty_dir_volume_source;
extern const struct schema_type type_host_path_volume_source;
extern const struct schema_type type_image_volume_source;
extern const struct schema_type type_key_to_path;
extern const struct schema_type type_pod_certificate_projection;
extern const struct schema_type type_projected_volume_source;
extern const struct schema_type type_secret_projection;
extern const struct schema_type type_secret_volume_source;
extern const struct schema_type type_service_account_token_projection;
extern const struct schema_type type_volume;
extern const struct schema_type type_volume_projection;
extern const struct schema_type type_volume_source;

/* type_volume_claim.c: io.k8s.api.core.v1 */
extern const struct schema_type type_ephemeral_volume_source;
extern const struct schema_type type_modify_volume_status;
extern const struct schema_type type_persistent_volume_claim;
extern const struct schema_type type_persistent_volume_claim_condition;
extern const struct schema_type type_persistent_volume_claim_spec;
extern const struct schema_type type_persistent_volume_claim_status;
extern const struct schema_type type_persistent_volume_claim_template;
extern const struct schema_type type_persistent_volume_claim_volume_source;
extern const struct schema_type type_volume_resource_requirements;

/* type_volume_remote.c: io.k8s.api.core.v1 */
extern const struct schema_type type_aws_elastic_block_store_volume_source;
extern const struct schema_type type_azure_disk_volume_source;
extern const struct schema_type type_azure_file_volume_source;
extern const struct schema_type type_cephfs_volume_source;
extern const struct schema_type type_cinder_volume_source;
extern const struct schema_type type_csi_volume_source;
extern const struct schema_type type_fc_volume_source;
extern const struct schema_type type_flex_volume_source;
extern const struct schema_type type_flocker_volume_source;
extern const struct schema_type type_gce_persistent_disk_volume_source;
extern const struct schema_type type_git_repo_volume_source;
extern const struct schema_type type_glusterfs_volume_source;
extern const struct schema_type type_iscsi_volume_source;
extern const struct schema_type type_nfs_volume_source;
extern const struct schema_type type_photon_persistent_disk_volume_source;
extern const struct schema_type type_portworx_volume_source;
extern const struct schema_type type_quobyte_volume_source;
extern const struct schema_type type_rbd_volume_source;
extern const struct schema_type type_scale_io_volume_source;
extern const struct schema_type type_storage_os_volume_source;
extern const struct schema_type type_vsphere_virtual_disk_volume_source;

/* type_workload.c: io.k8s.api.scheduling.v1beta1 */
extern const struct schema_type type_all_composite_disruption_mode;
extern const struct schema_type type_all_disruption_mode;
extern const struct schema_type type_basic_scheduling_policy;
extern const struct schema_type type_composite_basic_scheduling_policy;
extern const struct schema_type type_composite_disruption_mode;
extern const struct schema_type type_composite_gang_scheduling_policy;
extern const struct schema_type type_composite_pod_group_scheduling_constraints;
extern const struct schema_type type_composite_pod_group_scheduling_policy;
extern const struct schema_type type_composite_pod_group_template;
extern const struct schema_type type_disruption_mode;
extern const struct schema_type type_gang_scheduling_policy;
extern const struct schema_type type_pod_group;
extern const struct schema_type type_pod_group_resource_claim;
extern const struct schema_type type_pod_group_resource_claim_status;
extern const struct schema_type type_pod_group_scheduling_constraints;
extern const struct schema_type type_pod_group_scheduling_policy;
extern const struct schema_type type_pod_group_spec;
extern const struct schema_type type_pod_group_status;
extern const struct schema_type type_pod_group_template;
extern const struct schema_type type_scheduling_typed_local_object_reference;
extern const struct schema_type type_scheduling_workload_reference;
extern const struct schema_type type_single_composite_disruption_mode;
extern const struct schema_type type_single_disruption_mode;
extern const struct schema_type type_topology_constraint;
extern const struct schema_type type_workload;
extern const struct schema_type type_workload_spec;

/* type_workload_v1alpha1.c: io.k8s.api.scheduling.v1alpha1 */
extern const struct schema_type type_v1alpha1_basic_scheduling_policy;
extern const struct schema_type type_v1alpha1_gang_scheduling_policy;
extern const struct schema_type type_v1alpha1_pod_group;
extern const struct schema_type type_v1alpha1_pod_group_policy;
extern const struct schema_type type_v1alpha1_typed_local_object_reference;
extern const struct schema_type type_v1alpha1_workload;
extern const struct schema_type type_v1alpha1_workload_spec;

#endif
