/* Probes and lifecycle handlers of containers: io.k8s.api.core.v1. */
#include "core/kinds/schema_table.h"

FIELDS(exec_action) = {
    LIST(1, "command", STRING, 0, "Program and arguments; no shell is involved."),
};
TYPE(exec_action, "ExecAction", CORE_V1, "Runs a command in the container; exit code 0 is good.");

FIELDS(http_header) = {
    FIELD(1, "name", STRING, EXPECTED | ALWAYS, "Name of the header."),
    FIELD(2, "value", STRING, EXPECTED | ALWAYS, "Its value."),
};
TYPE(http_header, "HTTPHeader", CORE_V1, "One header of a request.");

FIELDS(http_get_action) = {
    FIELD(1, "path", STRING, 0, "Path to ask for.", DEFAULT_TEXT("/")),
    FIELD(2, "port", INT_OR_STRING, EXPECTED | ALWAYS, "Number or name of the container's port."),
    FIELD(3, "host", STRING, 0, "Host to connect to; absent means the pod's address."),
    FIELD(4, "scheme", STRING, 0, "How to connect.", ENUM("HTTP", "HTTPS"), DEFAULT_TEXT("HTTP"),
          GO_TYPE("v1.URIScheme")),
    LIST(5, "httpHeaders", OBJECT(http_header), 0, "Headers to send."),
};
TYPE(http_get_action, "HTTPGetAction", CORE_V1,
     "Sends an HTTP request; codes from 200 to 399 are good.");

FIELDS(tcp_socket_action) = {
    FIELD(1, "port", INT_OR_STRING, EXPECTED | ALWAYS, "Number or name of the container's port."),
    FIELD(2, "host", STRING, 0, "Host to connect to; absent means the pod's address."),
};
TYPE(tcp_socket_action, "TCPSocketAction", CORE_V1, "Opens a connection; being accepted is good.");

FIELDS(grpc_action) = {
    FIELD(1, "port", INT32, EXPECTED | ALWAYS, "Number of the port."),
    FIELD(2, "service", STRING, POINTER,
          "Name to put into the request; empty means the server as a whole.", DEFAULT_TEXT("")),
};
TYPE(grpc_action, "GRPCAction", CORE_V1, "Asks the gRPC health service.");

FIELDS(sleep_action) = {
    FIELD(1, "seconds", INT64, EXPECTED | ALWAYS, "Seconds to wait."),
};
TYPE(sleep_action, "SleepAction", CORE_V1, "Waits.");

FIELDS(probe_handler) = {
    FIELD(1, "exec", OBJECT(exec_action), 0, "Run a command."),
    FIELD(2, "httpGet", OBJECT(http_get_action), 0, "Send an HTTP request."),
    FIELD(3, "tcpSocket", OBJECT(tcp_socket_action), 0, "Open a connection."),
    FIELD(4, "grpc", OBJECT(grpc_action), 0, "Ask the gRPC health service."),
};
TYPE(probe_handler, "ProbeHandler", CORE_V1, "How a probe looks; exactly one.");

FIELDS(probe) = {
    INLINE(1, probe_handler),
    FIELD(2, "initialDelaySeconds", INT32, 0,
          "Seconds from the container's start to the first look."),
    FIELD(3, "timeoutSeconds", INT32, 0, "Seconds after which a look has failed.", DEFAULT("1")),
    FIELD(4, "periodSeconds", INT32, 0, "Seconds between looks.", DEFAULT("10")),
    FIELD(5, "successThreshold", INT32, 0,
          "Good looks in a row that count as success; 1 for liveness and startup.", DEFAULT("1")),
    FIELD(6, "failureThreshold", INT32, 0, "Bad looks in a row that count as failure.",
          DEFAULT("3")),
    FIELD(7, "terminationGracePeriodSeconds", INT64, POINTER,
          "Seconds to stop when the probe fails, in place of the pod's."),
};
TYPE(probe, "Probe", CORE_V1, "Looks at a container again and again.");

FIELDS(lifecycle_handler) = {
    FIELD(1, "exec", OBJECT(exec_action), 0, "Run a command."),
    FIELD(2, "httpGet", OBJECT(http_get_action), 0, "Send an HTTP request."),
    FIELD(3, "tcpSocket", OBJECT(tcp_socket_action), 0, "Kept for old objects; always fails."),
    FIELD(4, "sleep", OBJECT(sleep_action), 0, "Wait."),
};
TYPE(lifecycle_handler, "LifecycleHandler", CORE_V1,
     "What to do at a point of a container's life; exactly one.");

FIELDS(lifecycle) = {
    FIELD(1, "postStart", OBJECT(lifecycle_handler), 0,
          "Done right after the start; failure kills the container."),
    FIELD(2, "preStop", OBJECT(lifecycle_handler), 0,
          "Done before the stop, within the grace period."),
    FIELD(3, "stopSignal", STRING, POINTER,
          "Signal that asks the container to stop, in place of the image's.", GO_TYPE("v1.Signal")),
};
TYPE(lifecycle, "Lifecycle", CORE_V1, "What to do at points of a container's life.");
