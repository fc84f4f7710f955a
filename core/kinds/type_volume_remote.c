/* Volumes of storage systems: io.k8s.api.core.v1.
 *
 * Many are old, and no node here mounts them; their shape is kept so that a pod
 * that upstream accepts loses nothing. */
#include "core/kinds/schema_table.h"

FIELDS(gce_persistent_disk_volume_source) = {
    FIELD(1, "pdName", STRING, REQUIRED | ALWAYS, "Name of the disk."),
    FIELD(2, "fsType", STRING, 0, "File system of the volume, such as ext4."),
    FIELD(3, "partition", INT32, 0, "Number of the partition; 0 means the whole disk."),
    FIELD(4, "readOnly", BOOL, 0, "Mount it read-only."),
};
TYPE(gce_persistent_disk_volume_source, "GCEPersistentDiskVolumeSource", CORE_V1,
     "A disk of Google Compute Engine.");

FIELDS(aws_elastic_block_store_volume_source) = {
    FIELD(1, "volumeID", STRING, REQUIRED | ALWAYS, "Id of the disk."),
    FIELD(2, "fsType", STRING, 0, "File system of the volume, such as ext4."),
    FIELD(3, "partition", INT32, 0, "Number of the partition; 0 means the whole disk."),
    FIELD(4, "readOnly", BOOL, 0, "Mount it read-only."),
};
TYPE(aws_elastic_block_store_volume_source, "AWSElasticBlockStoreVolumeSource", CORE_V1,
     "A disk of Amazon EBS.");

FIELDS(git_repo_volume_source) = {
    FIELD(1, "repository", STRING, REQUIRED | ALWAYS, "Where the repository is."),
    FIELD(2, "revision", STRING, 0, "Commit to check out."),
    FIELD(3, "directory", STRING, 0, "Folder to check it out into; may not contain \"..\"."),
};
TYPE(git_repo_volume_source, "GitRepoVolumeSource", CORE_V1, "A checkout of a git repository.");

FIELDS(nfs_volume_source) = {
    FIELD(1, "server", STRING, REQUIRED | ALWAYS, "Host name or address of the server."),
    FIELD(2, "path", STRING, REQUIRED | ALWAYS, "Folder that the server exports."),
    FIELD(3, "readOnly", BOOL, 0, "Mount it read-only."),
};
TYPE(nfs_volume_source, "NFSVolumeSource", CORE_V1, "A folder of an NFS server.");

FIELDS(iscsi_volume_source) = {
    FIELD(1, "targetPortal", STRING, REQUIRED | ALWAYS,
          "Address of the target, with its port unless it is 3260."),
    FIELD(2, "iqn", STRING, REQUIRED | ALWAYS, "Qualified name of the target."),
    FIELD(3, "lun", INT32, EXPECTED | ALWAYS, "Number of the disk at the target."),
    FIELD(4, "iscsiInterface", STRING, 0, "Name of the initiator's interface.",
          DEFAULT_TEXT("default")),
    FIELD(5, "fsType", STRING, 0, "File system of the volume, such as ext4."),
    FIELD(6, "readOnly", BOOL, 0, "Mount it read-only."),
    LIST(7, "portals", STRING, 0, "More addresses of the target."),
    FIELD(8, "chapAuthDiscovery", BOOL, 0, "Log in with CHAP to find targets."),
    FIELD(11, "chapAuthSession", BOOL, 0, "Log in with CHAP to use the disk."),
    FIELD(10, "secretRef", OBJECT(local_object_reference), ATOMIC,
          "Secret with the CHAP passwords."),
    FIELD(12, "initiatorName", STRING, POINTER,
          "Name of the initiator; makes an interface of its own."),
};
TYPE(iscsi_volume_source, "ISCSIVolumeSource", CORE_V1, "A disk of an iSCSI target.");

FIELDS(glusterfs_volume_source) = {
    FIELD(1, "endpoints", STRING, REQUIRED | ALWAYS,
          "Name of the Endpoints that list the servers."),
    FIELD(2, "path", STRING, REQUIRED | ALWAYS, "Path of the volume."),
    FIELD(3, "readOnly", BOOL, 0, "Mount it read-only."),
};
TYPE(glusterfs_volume_source, "GlusterfsVolumeSource", CORE_V1, "A Gluster volume.");

FIELDS(rbd_volume_source) = {
    LIST(1, "monitors", STRING, REQUIRED, "Addresses of the Ceph monitors."),
    FIELD(2, "image", STRING, REQUIRED | ALWAYS, "Name of the image."),
    FIELD(3, "fsType", STRING, 0, "File system of the volume, such as ext4."),
    FIELD(4, "pool", STRING, 0, "Name of the pool.", DEFAULT_TEXT("rbd")),
    FIELD(5, "user", STRING, 0, "User to log in as.", DEFAULT_TEXT("admin")),
    FIELD(6, "keyring", STRING, 0, "Path of the user's keyring.",
          DEFAULT_TEXT("/etc/ceph/keyring")),
    FIELD(7, "secretRef", OBJECT(local_object_reference), ATOMIC,
          "Secret with the user's key, in place of the keyring."),
    FIELD(8, "readOnly", BOOL, 0, "Mount it read-only."),
};
TYPE(rbd_volume_source, "RBDVolumeSource", CORE_V1, "A Rados block device.");

FIELDS(flex_volume_source) = {
    FIELD(1, "driver", STRING, REQUIRED | ALWAYS, "Name of the driver."),
    FIELD(2, "fsType", STRING, 0, "File system of the volume, such as ext4."),
    FIELD(3, "secretRef", OBJECT(local_object_reference), ATOMIC,
          "Secret with what the driver needs to log in."),
    FIELD(4, "readOnly", BOOL, 0, "Mount it read-only."),
    MAP(5, "options", STRING, 0, "More options for the driver."),
};
TYPE(flex_volume_source, "FlexVolumeSource", CORE_V1, "A volume of an exec-based plugin.");

FIELDS(cinder_volume_source) = {
    FIELD(1, "volumeID", STRING, REQUIRED | ALWAYS, "Id of the disk."),
    FIELD(2, "fsType", STRING, 0, "File system of the volume, such as ext4."),
    FIELD(3, "readOnly", BOOL, 0, "Mount it read-only."),
    FIELD(4, "secretRef", OBJECT(local_object_reference), ATOMIC,
          "Secret with what the driver needs to log in."),
};
TYPE(cinder_volume_source, "CinderVolumeSource", CORE_V1, "A disk of OpenStack Cinder.");

FIELDS(cephfs_volume_source) = {
    LIST(1, "monitors", STRING, REQUIRED, "Addresses of the Ceph monitors."),
    FIELD(2, "path", STRING, 0, "Root that is mounted; absent means /."),
    FIELD(3, "user", STRING, 0, "User to log in as."),
    FIELD(4, "secretFile", STRING, 0, "Path of the user's key."),
    FIELD(5, "secretRef", OBJECT(local_object_reference), ATOMIC,
          "Secret with the user's key, in place of the file."),
    FIELD(6, "readOnly", BOOL, 0, "Mount it read-only."),
};
TYPE(cephfs_volume_source, "CephFSVolumeSource", CORE_V1, "A Ceph file system.");

FIELDS(flocker_volume_source) = {
    FIELD(1, "datasetName", STRING, 0, "Name of the dataset."),
    FIELD(2, "datasetUUID", STRING, 0, "UUID of the dataset."),
};
TYPE(flocker_volume_source, "FlockerVolumeSource", CORE_V1,
     "A Flocker dataset; exactly one of both.");

FIELDS(fc_volume_source) = {
    LIST(1, "targetWWNs", STRING, 0, "World wide names of the targets."),
    FIELD(2, "lun", INT32, POINTER, "Number of the disk at the targets."),
    FIELD(3, "fsType", STRING, 0, "File system of the volume, such as ext4."),
    FIELD(4, "readOnly", BOOL, 0, "Mount it read-only."),
    LIST(5, "wwids", STRING, 0, "World wide ids of the disk."),
};
TYPE(fc_volume_source, "FCVolumeSource", CORE_V1,
     "A Fibre Channel disk, by its targets or by its own id.");

FIELDS(azure_file_volume_source) = {
    FIELD(1, "secretName", STRING, REQUIRED | ALWAYS, "Secret with the account's name and key."),
    FIELD(2, "shareName", STRING, REQUIRED | ALWAYS, "Name of the share."),
    FIELD(3, "readOnly", BOOL, 0, "Mount it read-only."),
};
TYPE(azure_file_volume_source, "AzureFileVolumeSource", CORE_V1, "A share of Azure Files.");

FIELDS(vsphere_virtual_disk_volume_source) = {
    FIELD(1, "volumePath", STRING, REQUIRED | ALWAYS, "Path of the disk."),
    FIELD(2, "fsType", STRING, 0, "File system of the volume, such as ext4."),
    FIELD(3, "storagePolicyName", STRING, 0, "Name of the storage policy."),
    FIELD(4, "storagePolicyID", STRING, 0, "Id of the storage policy."),
};
TYPE(vsphere_virtual_disk_volume_source, "VsphereVirtualDiskVolumeSource", CORE_V1,
     "A disk of vSphere.");

FIELDS(quobyte_volume_source) = {
    FIELD(1, "registry", STRING, EXPECTED | ALWAYS,
          "Host and port of the registry, or several behind commas."),
    FIELD(2, "volume", STRING, REQUIRED | ALWAYS, "Name of the volume."),
    FIELD(3, "readOnly", BOOL, 0, "Mount it read-only."),
    FIELD(4, "user", STRING, 0, "User to mount as."),
    FIELD(5, "group", STRING, 0, "Group to mount as."),
    FIELD(6, "tenant", STRING, 0, "Tenant that owns the volume."),
};
TYPE(quobyte_volume_source, "QuobyteVolumeSource", CORE_V1, "A Quobyte volume.");

FIELDS(azure_disk_volume_source) = {
    FIELD(1, "diskName", STRING, REQUIRED | ALWAYS, "Name of the disk."),
    FIELD(2, "diskURI", STRING, REQUIRED | ALWAYS, "URI of the disk."),
    FIELD(3, "cachingMode", STRING, POINTER, "How the host caches it.",
          ENUM("None", "ReadOnly", "ReadWrite"), DEFAULT_TEXT("ReadWrite"),
          GO_TYPE("v1.AzureDataDiskCachingMode")),
    FIELD(4, "fsType", STRING, POINTER, "File system of the volume, such as ext4.",
          DEFAULT_TEXT("ext4")),
    FIELD(5, "readOnly", BOOL, POINTER, "Mount it read-only.", DEFAULT("false")),
    FIELD(6, "kind", STRING, POINTER, "Kind of account that holds the disk.",
          ENUM("Dedicated", "Managed", "Shared"), DEFAULT_TEXT("Shared"),
          GO_TYPE("v1.AzureDataDiskKind")),
};
TYPE(azure_disk_volume_source, "AzureDiskVolumeSource", CORE_V1, "A disk of Azure.");

FIELDS(photon_persistent_disk_volume_source) = {
    FIELD(1, "pdID", STRING, REQUIRED | ALWAYS, "Id of the disk."),
    FIELD(2, "fsType", STRING, 0, "File system of the volume, such as ext4."),
};
TYPE(photon_persistent_disk_volume_source, "PhotonPersistentDiskVolumeSource", CORE_V1,
     "A disk of Photon Controller.");

FIELDS(portworx_volume_source) = {
    FIELD(1, "volumeID", STRING, REQUIRED | ALWAYS, "Id of the volume."),
    FIELD(2, "fsType", STRING, 0, "File system of the volume, such as ext4."),
    FIELD(3, "readOnly", BOOL, 0, "Mount it read-only."),
};
TYPE(portworx_volume_source, "PortworxVolumeSource", CORE_V1, "A Portworx volume.");

FIELDS(scale_io_volume_source) = {
    FIELD(1, "gateway", STRING, REQUIRED | ALWAYS, "Address of the gateway."),
    FIELD(2, "system", STRING, REQUIRED | ALWAYS, "Name of the storage system."),
    FIELD(3, "secretRef", OBJECT(local_object_reference), EXPECTED | ATOMIC,
          "Secret with what the driver needs to log in."),
    FIELD(4, "sslEnabled", BOOL, 0, "Speak TLS with the gateway."),
    FIELD(5, "protectionDomain", STRING, 0, "Name of the protection domain."),
    FIELD(6, "storagePool", STRING, 0, "Name of the storage pool."),
    FIELD(7, "storageMode", STRING, 0, "ThickProvisioned or ThinProvisioned.",
          DEFAULT_TEXT("ThinProvisioned")),
    FIELD(8, "volumeName", STRING, 0, "Name of the volume; required."),
    FIELD(9, "fsType", STRING, 0, "File system of the volume, such as ext4.", DEFAULT_TEXT("xfs")),
    FIELD(10, "readOnly", BOOL, 0, "Mount it read-only."),
};
TYPE(scale_io_volume_source, "ScaleIOVolumeSource", CORE_V1, "A ScaleIO volume.");

FIELDS(storage_os_volume_source) = {
    FIELD(1, "volumeName", STRING, 0, "Name of the volume; required."),
    FIELD(2, "volumeNamespace", STRING, 0, "Namespace of the volume; absent means the pod's."),
    FIELD(3, "fsType", STRING, 0, "File system of the volume, such as ext4."),
    FIELD(4, "readOnly", BOOL, 0, "Mount it read-only."),
    FIELD(5, "secretRef", OBJECT(local_object_reference), ATOMIC,
          "Secret with what the driver needs to log in."),
};
TYPE(storage_os_volume_source, "StorageOSVolumeSource", CORE_V1, "A StorageOS volume.");

FIELDS(csi_volume_source) = {
    FIELD(1, "driver", STRING, REQUIRED | ALWAYS, "Name of the driver."),
    FIELD(2, "readOnly", BOOL, POINTER, "Mount it read-only."),
    FIELD(3, "fsType", STRING, POINTER, "File system of the volume, such as ext4."),
    MAP(4, "volumeAttributes", STRING, 0, "More options for the driver."),
    FIELD(5, "nodePublishSecretRef", OBJECT(local_object_reference), ATOMIC,
          "Secret that is handed to the driver on mounting."),
};
TYPE(csi_volume_source, "CSIVolumeSource", CORE_V1,
     "A volume of a CSI driver that lives as long as the pod.");
