/* Volumes of pods that need no storage system: io.k8s.api.core.v1.
 *
 * Volumes of storage systems are in type_volume_remote.c, claims in
 * type_volume_claim.c. */
#include "core/kinds/schema_table.h"

/* --- From the node and the API --- */

FIELDS(host_path_volume_source) = {
    FIELD(1, "path", STRING, REQUIRED | ALWAYS, "Path on the node."),
    FIELD(2, "type", STRING, POINTER, "What must be there; empty means no check.",
          ENUM("", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File",
               "FileOrCreate", "Socket"),
          DEFAULT_TEXT(""), GO_TYPE("v1.HostPathType")),
};
TYPE(host_path_volume_source, "HostPathVolumeSource", CORE_V1, "A file or folder of the node.");

FIELDS(empty_dir_volume_source) = {
    FIELD(1, "medium", STRING, 0,
          "Where it is: empty for the node's disk, Memory, or HugePages and a size.",
          GO_TYPE("v1.StorageMedium")),
    FIELD(2, "sizeLimit", QUANTITY, POINTER, "Most that it may hold."),
};
TYPE(empty_dir_volume_source, "EmptyDirVolumeSource", CORE_V1,
     "A folder that lives as long as the pod.");

FIELDS(key_to_path) = {
    FIELD(1, "key", STRING, REQUIRED | ALWAYS, "The key."),
    FIELD(2, "path", STRING, REQUIRED | ALWAYS,
          "Path of the file inside the volume; may not leave it."),
    FIELD(3, "mode", INT32, POINTER,
          "Permission bits of the file; absent means the volume's defaultMode."),
};
TYPE(key_to_path, "KeyToPath", CORE_V1, "Puts a key into a file.");

FIELDS(secret_volume_source) = {
    FIELD(1, "secretName", STRING, 0, "Name of the Secret."),
    LIST(2, "items", OBJECT(key_to_path), 0, "Keys to show and where; empty shows all."),
    FIELD(3, "defaultMode", INT32, POINTER, "Permission bits of the files.", DEFAULT("420")),
    FIELD(4, "optional", BOOL, POINTER, "Go on if the Secret or a key is missing."),
};
TYPE(secret_volume_source, "SecretVolumeSource", CORE_V1, "The keys of a Secret as files.");

FIELDS(config_map_volume_source) = {
    INLINE(1, local_object_reference),
    LIST(2, "items", OBJECT(key_to_path), 0, "Keys to show and where; empty shows all."),
    FIELD(3, "defaultMode", INT32, POINTER, "Permission bits of the files.", DEFAULT("420")),
    FIELD(4, "optional", BOOL, POINTER, "Go on if the ConfigMap or a key is missing."),
};
TYPE(config_map_volume_source, "ConfigMapVolumeSource", CORE_V1,
     "The keys of a ConfigMap as files.");

FIELDS(downward_api_volume_file) = {
    FIELD(1, "path", STRING, REQUIRED | ALWAYS,
          "Path of the file inside the volume; may not leave it."),
    FIELD(2, "fieldRef", OBJECT(object_field_selector), ATOMIC, "Field of the pod."),
    FIELD(3, "resourceFieldRef", OBJECT(resource_field_selector), ATOMIC,
          "Request or limit of a container."),
    FIELD(4, "mode", INT32, POINTER,
          "Permission bits of the file; absent means the volume's defaultMode."),
};
TYPE(downward_api_volume_file, "DownwardAPIVolumeFile", CORE_V1,
     "A file that holds a field of the pod.");

FIELDS(downward_api_volume_source) = {
    LIST(1, "items", OBJECT(downward_api_volume_file), 0, "The files."),
    FIELD(2, "defaultMode", INT32, POINTER, "Permission bits of the files.", DEFAULT("420")),
};
TYPE(downward_api_volume_source, "DownwardAPIVolumeSource", CORE_V1, "Fields of the pod as files.");

FIELDS(image_volume_source) = {
    FIELD(1, "reference", STRING, 0, "Name of the image."),
    FIELD(2, "pullPolicy", STRING, 0,
          "When to pull it; Always if its tag is latest, else IfNotPresent.",
          ENUM("Always", "IfNotPresent", "Never"), GO_TYPE("v1.PullPolicy")),
};
TYPE(image_volume_source, "ImageVolumeSource", CORE_V1, "The files of an image.");

/* --- Several in one --- */

FIELDS(secret_projection) = {
    INLINE(1, local_object_reference),
    LIST(2, "items", OBJECT(key_to_path), 0, "Keys to show and where; empty shows all."),
    FIELD(4, "optional", BOOL, POINTER, "Go on if the Secret or a key is missing."),
};
TYPE(secret_projection, "SecretProjection", CORE_V1, "The keys of a Secret as files.");

FIELDS(config_map_projection) = {
    INLINE(1, local_object_reference),
    LIST(2, "items", OBJECT(key_to_path), 0, "Keys to show and where; empty shows all."),
    FIELD(4, "optional", BOOL, POINTER, "Go on if the ConfigMap or a key is missing."),
};
TYPE(config_map_projection, "ConfigMapProjection", CORE_V1, "The keys of a ConfigMap as files.");

FIELDS(downward_api_projection) = {
    LIST(1, "items", OBJECT(downward_api_volume_file), 0, "The files."),
};
TYPE(downward_api_projection, "DownwardAPIProjection", CORE_V1, "Fields of the pod as files.");

FIELDS(service_account_token_projection) = {
    FIELD(1, "audience", STRING, 0, "Who the token is meant for; empty means the API server."),
    FIELD(2, "expirationSeconds", INT64, POINTER,
          "Seconds that a token is good for; it is replaced before.", DEFAULT("3600")),
    FIELD(3, "path", STRING, REQUIRED | ALWAYS, "Path of the file inside the volume."),
};
TYPE(service_account_token_projection, "ServiceAccountTokenProjection", CORE_V1,
     "A token of the pod's ServiceAccount as a file.");

FIELDS(cluster_trust_bundle_projection) = {
    FIELD(1, "name", STRING, POINTER, "One bundle by name; in place of signerName."),
    FIELD(2, "signerName", STRING, POINTER, "All bundles of a signer that labelSelector selects."),
    FIELD(3, "labelSelector", OBJECT(label_selector), ATOMIC,
          "Which bundles of the signer; absent selects none."),
    FIELD(5, "optional", BOOL, POINTER, "Go on if there is no bundle."),
    FIELD(4, "path", STRING, REQUIRED | ALWAYS, "Path of the file inside the volume."),
};
TYPE(cluster_trust_bundle_projection, "ClusterTrustBundleProjection", CORE_V1,
     "Certificates of ClusterTrustBundles as a file.");

FIELDS(pod_certificate_projection) = {
    FIELD(1, "signerName", STRING, EXPECTED, "Signer to ask."),
    FIELD(2, "keyType", STRING, EXPECTED, "Kind of key to make, such as ECDSAP256."),
    FIELD(3, "maxExpirationSeconds", INT32, POINTER,
          "Most seconds that the certificate may be good for."),
    FIELD(4, "credentialBundlePath", STRING, 0, "File for the key and its certificates together."),
    FIELD(5, "keyPath", STRING, 0, "File for the key alone."),
    FIELD(6, "certificateChainPath", STRING, 0, "File for the certificates alone."),
    MAP(7, "userAnnotations", STRING, 0,
        "What the signer should know besides; it says which keys it takes."),
};
TYPE(pod_certificate_projection, "PodCertificateProjection", CORE_V1,
     "A key, and a certificate for it that a signer issues.");

FIELDS(volume_projection) = {
    FIELD(1, "secret", OBJECT(secret_projection), 0, "Keys of a Secret."),
    FIELD(2, "downwardAPI", OBJECT(downward_api_projection), 0, "Fields of the pod."),
    FIELD(3, "configMap", OBJECT(config_map_projection), 0, "Keys of a ConfigMap."),
    FIELD(4, "serviceAccountToken", OBJECT(service_account_token_projection), 0,
          "A token of the pod's ServiceAccount."),
    FIELD(5, "clusterTrustBundle", OBJECT(cluster_trust_bundle_projection), 0,
          "Certificates of ClusterTrustBundles."),
    FIELD(6, "podCertificate", OBJECT(pod_certificate_projection), 0,
          "A key, and a certificate for it."),
};
TYPE(volume_projection, "VolumeProjection", CORE_V1,
     "One part of a projected volume; exactly one.");

FIELDS(projected_volume_source) = {
    LIST(1, "sources", OBJECT(volume_projection), ALWAYS, "The parts."),
    FIELD(2, "defaultMode", INT32, POINTER, "Permission bits of the files.", DEFAULT("420")),
};
TYPE(projected_volume_source, "ProjectedVolumeSource", CORE_V1, "Several sources in one volume.");

/* --- Volumes --- */

FIELDS(volume_source) = {
    FIELD(1, "hostPath", OBJECT(host_path_volume_source), 0, "A file or folder of the node."),
    FIELD(2, "emptyDir", OBJECT(empty_dir_volume_source), 0,
          "A folder that lives as long as the pod."),
    FIELD(3, "gcePersistentDisk", OBJECT(gce_persistent_disk_volume_source), 0,
          "A disk of Google Compute Engine; old, its CSI driver serves it."),
    FIELD(4, "awsElasticBlockStore", OBJECT(aws_elastic_block_store_volume_source), 0,
          "A disk of Amazon EBS; old, its CSI driver serves it."),
    FIELD(5, "gitRepo", OBJECT(git_repo_volume_source), 0,
          "A checkout of a git repository; old and unsafe."),
    FIELD(6, "secret", OBJECT(secret_volume_source), 0, "Keys of a Secret as files."),
    FIELD(7, "nfs", OBJECT(nfs_volume_source), 0, "A folder of an NFS server."),
    FIELD(8, "iscsi", OBJECT(iscsi_volume_source), 0, "A disk of an iSCSI target."),
    FIELD(9, "glusterfs", OBJECT(glusterfs_volume_source), 0,
          "A Gluster volume; no longer supported."),
    FIELD(10, "persistentVolumeClaim", OBJECT(persistent_volume_claim_volume_source), 0,
          "What a PersistentVolumeClaim in the namespace has got."),
    FIELD(11, "rbd", OBJECT(rbd_volume_source), 0, "A Rados block device; no longer supported."),
    FIELD(12, "flexVolume", OBJECT(flex_volume_source), 0,
          "A volume of an exec-based plugin; old."),
    FIELD(13, "cinder", OBJECT(cinder_volume_source), 0,
          "A disk of OpenStack Cinder; old, its CSI driver serves it."),
    FIELD(14, "cephfs", OBJECT(cephfs_volume_source), 0,
          "A Ceph file system; no longer supported."),
    FIELD(15, "flocker", OBJECT(flocker_volume_source), 0,
          "A Flocker dataset; no longer supported."),
    FIELD(16, "downwardAPI", OBJECT(downward_api_volume_source), 0, "Fields of the pod as files."),
    FIELD(17, "fc", OBJECT(fc_volume_source), 0, "A Fibre Channel disk."),
    FIELD(18, "azureFile", OBJECT(azure_file_volume_source), 0,
          "A share of Azure Files; old, its CSI driver serves it."),
    FIELD(19, "configMap", OBJECT(config_map_volume_source), 0, "Keys of a ConfigMap as files."),
    FIELD(20, "vsphereVolume", OBJECT(vsphere_virtual_disk_volume_source), 0,
          "A disk of vSphere; old, its CSI driver serves it."),
    FIELD(21, "quobyte", OBJECT(quobyte_volume_source), 0,
          "A Quobyte volume; no longer supported."),
    FIELD(22, "azureDisk", OBJECT(azure_disk_volume_source), 0,
          "A disk of Azure; old, its CSI driver serves it."),
    FIELD(23, "photonPersistentDisk", OBJECT(photon_persistent_disk_volume_source), 0,
          "A disk of Photon Controller; no longer supported."),
    FIELD(26, "projected", OBJECT(projected_volume_source), 0, "Several sources in one."),
    FIELD(24, "portworxVolume", OBJECT(portworx_volume_source), 0,
          "A Portworx volume; old, its CSI driver serves it."),
    FIELD(25, "scaleIO", OBJECT(scale_io_volume_source), 0,
          "A ScaleIO volume; no longer supported."),
    FIELD(27, "storageos", OBJECT(storage_os_volume_source), 0,
          "A StorageOS volume; no longer supported."),
    FIELD(28, "csi", OBJECT(csi_volume_source), 0,
          "A volume of a CSI driver that lives as long as the pod."),
    FIELD(29, "ephemeral", OBJECT(ephemeral_volume_source), 0,
          "A claim made for the pod and removed with it."),
    FIELD(30, "image", OBJECT(image_volume_source), 0, "The files of an image."),
};
TYPE(volume_source, "VolumeSource", CORE_V1,
     "What a volume is; exactly one, none means an empty folder.");

FIELDS(volume) = {
    FIELD(1, "name", STRING, REQUIRED | ALWAYS,
          "Name of the volume, unique in the pod; a DNS label."),
    INLINE(2, volume_source),
};
TYPE(volume, "Volume", CORE_V1, "A volume that containers of the pod may mount.");
