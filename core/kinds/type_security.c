/* Security settings of pods and containers: io.k8s.api.core.v1. */
#include "core/kinds/schema_table.h"

FIELDS(capabilities) = {
    LIST(1, "add", STRING, 0, "Capabilities to add.", GO_TYPE("v1.Capability")),
    LIST(2, "drop", STRING, 0, "Capabilities to take away.", GO_TYPE("v1.Capability")),
};
TYPE(capabilities, "Capabilities", CORE_V1,
     "Capabilities of Linux that differ from the runtime's defaults.");

FIELDS(selinux_options) = {
    FIELD(1, "user", STRING, 0, "User label."),
    FIELD(2, "role", STRING, 0, "Role label."),
    FIELD(3, "type", STRING, 0, "Type label."),
    FIELD(4, "level", STRING, 0, "Level label."),
};
TYPE(selinux_options, "SELinuxOptions", CORE_V1, "Labels of SELinux.");

FIELDS(windows_security_context_options) = {
    FIELD(1, "gmsaCredentialSpecName", STRING, POINTER, "Name of the GMSA credential to use."),
    FIELD(2, "gmsaCredentialSpec", STRING, POINTER,
          "The GMSA credential's content, filled in by its webhook."),
    FIELD(3, "runAsUserName", STRING, POINTER, "User to run as."),
    FIELD(4, "hostProcess", BOOL, POINTER,
          "Run as a host process; all containers of a pod must agree."),
};
TYPE(windows_security_context_options, "WindowsSecurityContextOptions", CORE_V1,
     "Settings for Windows.");

FIELDS(seccomp_profile) = {
    FIELD(1, "type", STRING, EXPECTED | ALWAYS,
          "Which profile: Localhost, RuntimeDefault or Unconfined.",
          GO_TYPE("v1.SeccompProfileType")),
    FIELD(2, "localhostProfile", STRING, POINTER,
          "File of the profile on the node; for Localhost alone."),
};
TYPE(seccomp_profile, "SeccompProfile", CORE_V1, "Filter on system calls.");

FIELDS(app_armor_profile) = {
    FIELD(1, "type", STRING, EXPECTED | ALWAYS,
          "Which profile: Localhost, RuntimeDefault or Unconfined.",
          GO_TYPE("v1.AppArmorProfileType")),
    FIELD(2, "localhostProfile", STRING, POINTER,
          "Name of a profile loaded on the node; for Localhost alone."),
};
TYPE(app_armor_profile, "AppArmorProfile", CORE_V1, "AppArmor profile.");

FIELDS(sysctl) = {
    FIELD(1, "name", STRING, REQUIRED | ALWAYS, "Name of the setting."),
    FIELD(2, "value", STRING, EXPECTED | ALWAYS, "Its value."),
};
TYPE(sysctl, "Sysctl", CORE_V1, "A kernel setting of the pod's namespaces.");

FIELDS(security_context) = {
    FIELD(1, "capabilities", OBJECT(capabilities), 0, "Capabilities to add and to take away."),
    FIELD(2, "privileged", BOOL, POINTER, "Run with all rights of root on the node."),
    FIELD(3, "seLinuxOptions", OBJECT(selinux_options), 0, "Labels of SELinux."),
    FIELD(10, "windowsOptions", OBJECT(windows_security_context_options), 0,
          "Settings for Windows."),
    FIELD(4, "runAsUser", INT64, POINTER, "User id to run as."),
    FIELD(8, "runAsGroup", INT64, POINTER, "Group id to run as."),
    FIELD(5, "runAsNonRoot", BOOL, POINTER, "Refuse to run as user 0."),
    FIELD(6, "readOnlyRootFilesystem", BOOL, POINTER, "Make the root file system read-only."),
    FIELD(7, "allowPrivilegeEscalation", BOOL, POINTER,
          "Whether a process may gain more rights than its parent."),
    FIELD(9, "procMount", STRING, POINTER, "How /proc is masked.", ENUM("Default", "Unmasked"),
          GO_TYPE("v1.ProcMountType")),
    FIELD(11, "seccompProfile", OBJECT(seccomp_profile), 0, "Filter on system calls."),
    FIELD(12, "appArmorProfile", OBJECT(app_armor_profile), 0, "AppArmor profile."),
};
TYPE(security_context, "SecurityContext", CORE_V1, "Security settings of a container.");

FIELDS(pod_security_context) = {
    FIELD(1, "seLinuxOptions", OBJECT(selinux_options), 0, "Labels of SELinux."),
    FIELD(8, "windowsOptions", OBJECT(windows_security_context_options), 0,
          "Settings for Windows."),
    FIELD(2, "runAsUser", INT64, POINTER, "User id to run as."),
    FIELD(6, "runAsGroup", INT64, POINTER, "Group id to run as."),
    FIELD(3, "runAsNonRoot", BOOL, POINTER, "Refuse to run as user 0."),
    LIST(4, "supplementalGroups", INT64, 0, "More group ids of the first process."),
    FIELD(12, "supplementalGroupsPolicy", STRING, POINTER,
          "How groups of the image count: Merge or Strict.", ENUM("Merge", "Strict"),
          GO_TYPE("v1.SupplementalGroupsPolicy")),
    FIELD(5, "fsGroup", INT64, POINTER, "Group id that owns the volumes that support it."),
    LIST(7, "sysctls", OBJECT(sysctl), 0, "Kernel settings of the pod's namespaces."),
    FIELD(9, "fsGroupChangePolicy", STRING, POINTER,
          "When ownership of a volume is changed: on each mount, or only if its root differs.",
          ENUM("Always", "OnRootMismatch"), GO_TYPE("v1.PodFSGroupChangePolicy")),
    FIELD(10, "seccompProfile", OBJECT(seccomp_profile), 0, "Filter on system calls."),
    FIELD(11, "appArmorProfile", OBJECT(app_armor_profile), 0, "AppArmor profile."),
    FIELD(13, "seLinuxChangePolicy", STRING, POINTER,
          "How labels reach the volumes: file by file, or as a mount option.",
          ENUM("MountOption", "Recursive"), GO_TYPE("v1.PodSELinuxChangePolicy")),
};
TYPE(pod_security_context, "PodSecurityContext", CORE_V1,
     "Security settings of a pod, and defaults for its containers.");
