/* Services and what lies behind them: defaults, refusals, columns. */
#include "core/kinds/meta.h"
#include "tests/unit/kind_fixture.h"

extern const struct kind kind_service, kind_endpoints, kind_endpoint_slice;

#define SERVICE(members) "{'metadata':{'name':'web'},'spec':{" members "}}"
#define PORT "'ports':[{'port':80}]"

static struct kind_fixture f;
static void begin(const struct kind *kind)
{
    kind_fixture_release(&f);
    kind_fixture_init(&f, kind);
}
static struct json *create(const char *service)
{
    begin(&kind_service);
    return kind_create(&f, service);
}
static const char *refusal_of(const struct kind *kind, const char *object)
{
    begin(kind);
    return kind_create_error(&f, object);
}
static const char *refusal(const char *service)
{
    return refusal_of(&kind_service, service);
}

/* --- Service --- */

TEST("a service gets upstream's defaults")
{
    EXPECT_TEXT(kind_show(&f, create(SERVICE(PORT)), "spec"),
                "{'ports':[{'port':80,'protocol':'TCP','targetPort':80}],"
                "'type':'ClusterIP','sessionAffinity':'None','internalTrafficPolicy':'Cluster'}");
    EXPECT_TEXT(kind_show(&f, create(SERVICE("'type':'LoadBalancer'," PORT)), "spec"),
                "{'type':'LoadBalancer','ports':[{'port':80,'protocol':'TCP','targetPort':80}],"
                "'sessionAffinity':'None','externalTrafficPolicy':'Cluster',"
                "'internalTrafficPolicy':'Cluster','allocateLoadBalancerNodePorts':true}");
    EXPECT_TEXT(
        kind_show(&f, create(SERVICE("'type':'ExternalName','externalName':'a.b'")), "spec"),
        "{'type':'ExternalName','externalName':'a.b','sessionAffinity':'None'}");
}
TEST("an affinity to clients lasts three hours")
{
    EXPECT_TEXT(kind_show(&f, create(SERVICE("'sessionAffinity':'ClientIP'," PORT)),
                          "spec.sessionAffinityConfig"),
                "{'clientIP':{'timeoutSeconds':10800}}");
    EXPECT_TEXT(refusal(SERVICE("'sessionAffinity':'ClientIP','sessionAffinityConfig':"
                                "{'clientIP':{'timeoutSeconds':86401}}," PORT)),
                "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be "
                "greater than 0 and less than 86400");
}
TEST("ports of a service are needed, named and unique")
{
    EXPECT_TEXT(refusal(SERVICE("")), "spec.ports: Required value");
    EXPECT_TEXT(refusal(SERVICE("'clusterIP':'None','clusterIPs':['None']")), "");
    EXPECT_TEXT(refusal(SERVICE("'ports':[{'port':0}]")),
                "[spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive, "
                "spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, "
                "inclusive]");
    EXPECT_TEXT(refusal(SERVICE("'ports':[{'port':1},{'name':'b','port':2}]")),
                "spec.ports[0].name: Required value");
    EXPECT_TEXT(refusal(SERVICE("'ports':[{'name':'a','port':1},{'name':'a','port':2}]")),
                "spec.ports[1].name: Duplicate value: \"a\"");
    EXPECT_TEXT(refusal(SERVICE("'ports':[{'port':1,'nodePort':30000}]")),
                "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'");
    EXPECT_TEXT(
        refusal(SERVICE("'ports':[{'port':1,'targetPort':'NoGood'}]")),
        "spec.ports[0].targetPort: Invalid value: \"NoGood\": must contain only alpha-numeric "
        "characters (a-z, 0-9), and hyphens (-)");
}
TEST("a name of a service is a label that starts with a letter")
{
    EXPECT_TEXT(
        refusal("{'metadata':{'name':'1web'},'spec':{" PORT "}}"),
        "metadata.name: Invalid value: \"1web\": a DNS-1035 label must consist of lower case "
        "alphanumeric characters or '-', start with an alphabetic character, and end with an "
        "alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
        "'[a-z]([-a-z0-9]*[a-z0-9])?')");
}
TEST("addresses must be ones that can be reached")
{
    EXPECT_TEXT(
        refusal(SERVICE("'externalIPs':['127.0.0.1']," PORT)),
        "spec.externalIPs[0]: Invalid value: \"127.0.0.1\": may not be in the loopback range "
        "(127.0.0.0/8, ::1/128)");
    EXPECT_TEXT(refusal(SERVICE("'externalIPs':['10.0.0.256']," PORT)),
                "spec.externalIPs[0]: Invalid value: \"10.0.0.256\": must be a valid IP address, "
                "(e.g. 10.9.8.7 or 2001:db8::ffff)");
}
TEST("a mere name has no address of its own")
{
    EXPECT_TEXT(refusal(SERVICE("'type':'ExternalName'")), "spec.externalName: Required value");
    EXPECT_TEXT(refusal(SERVICE("'type':'ExternalName','externalName':'a','clusterIP':'10.0.0.1',"
                                "'clusterIPs':['10.0.0.1']")),
                "spec.clusterIPs: Forbidden: may not be set for ExternalName services");
}

TEST("a change of type takes along what only the old type had")
{
    struct json *old = create(SERVICE("'type':'NodePort','clusterIP':'10.0.0.1','clusterIPs':"
                                      "['10.0.0.1'],'ports':[{'port':80,'nodePort':30080}]"));
    struct json *changed;
    EXPECT_TEXT(kind_update_error(&f, old,
                                  SERVICE("'type':'ClusterIP','externalTrafficPolicy':'Cluster',"
                                          "'clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1'],"
                                          "'ports':[{'port':80,'nodePort':30080}]"),
                                  NULL, &changed),
                "");
    EXPECT_TEXT(kind_show(&f, changed, "spec.ports"),
                "[{'port':80,'protocol':'TCP','targetPort':80}]");
    EXPECT_TEXT(kind_update_error(&f, old,
                                  SERVICE("'type':'ClusterIP','clusterIP':'10.0.0.1','clusterIPs':"
                                          "['10.0.0.1'],'ports':[{'port':80,'nodePort':30081}]"),
                                  NULL, NULL),
                "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'");
    EXPECT_TEXT(kind_update_error(&f, old,
                                  SERVICE("'type':'ExternalName','externalName':'a.b',"
                                          "'clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1']"),
                                  NULL, &changed),
                "");
    EXPECT_TEXT(kind_show(&f, changed, "spec.clusterIP"), "");
    EXPECT_TEXT(kind_show(&f, changed, "spec.clusterIPs"), "");
}

TEST("the row of a service")
{
    EXPECT_TEXT(
        kind_cells(&f, create(SERVICE(
                           "'type':'NodePort','clusterIP':'10.0.0.1','clusterIPs':"
                           "['10.0.0.1'],'selector':{'app':'web'},'ports':[{'name':'a','port':80,"
                           "'nodePort':30080},{'name':'b','port':53,"
                           "'protocol':'UDP'}]"))),
        "['web','NodePort','10.0.0.1','<none>','80:30080/TCP,53/UDP','0s','app=web']");
    EXPECT_TEXT(kind_cells(&f, create(SERVICE("'type':'LoadBalancer'," PORT))),
                "['web','LoadBalancer','<none>','<pending>','80/TCP','0s','<none>']");
    struct json *changed, *old = create(SERVICE("'type':'LoadBalancer'," PORT));
    EXPECT_TEXT(kind_update_error(&f, old,
                                  "{'metadata':{'name':'web'},'spec':{'type':'LoadBalancer'},"
                                  "'status':{'loadBalancer':{'ingress':"
                                  "[{'ip':'192.0.2.1'},{'hostname':'lb.example.com'}]}}}",
                                  "status", &changed),
                "");
    EXPECT_TEXT(kind_show(&f, changed, "status.loadBalancer.ingress"),
                "[{'ip':'192.0.2.1','ipMode':'VIP'},{'hostname':'lb.example.com'}]");
    EXPECT_TEXT(
        kind_cells(&f, changed),
        "['web','LoadBalancer','<none>','192.0.2.1,lb.example.com','80/TCP','0s','<none>']");
}

/* --- Endpoints --- */

#define ENDPOINTS(subsets) "{'metadata':{'name':'web'},'subsets':[" subsets "]}"

TEST("endpoints have addresses, and ports with names where they are many")
{
    EXPECT_TEXT(refusal_of(&kind_endpoints, ENDPOINTS("{'ports':[{'port':80}]}")),
                "subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`");
    EXPECT_TEXT(refusal_of(&kind_endpoints, ENDPOINTS("{'addresses':[{'ip':'10.0.0.1'}],'ports':"
                                                      "[{'port':80},{'name':'b','port':81}]}")),
                "subsets[0].ports[0].name: Required value");
    EXPECT_TEXT(
        refusal_of(&kind_endpoints, ENDPOINTS("{'addresses':[{'ip':'::1'}]}")),
        "subsets[0].addresses[0].ip: Invalid value: \"::1\": may not be in the loopback range "
        "(127.0.0.0/8, ::1/128)");
}
TEST("the row of endpoints: three of them, and how many more")
{
    begin(&kind_endpoints);
    EXPECT_TEXT(kind_cells(&f, kind_create(&f, ENDPOINTS("{'addresses':[{'ip':'10.0.0.1'},"
                                                         "{'ip':'fd00::1'}],'ports':[{'name':'a',"
                                                         "'port':80},{'name':'b','port':81}]}"))),
                "['web','10.0.0.1:80,[fd00::1]:80,10.0.0.1:81 + 1 more...','0s']");
    EXPECT_TEXT(kind_cells(&f, kind_create(&f, ENDPOINTS(""))), "['web','<none>','0s']");
}

/* --- EndpointSlice --- */

#define ENDPOINT_SLICE(type, members) "{'metadata':{'name':'web-1'},'addressType':'" type "'," members "}"

TEST("addresses of a slice are of its type, which stays")
{
    EXPECT_TEXT(
        refusal_of(&kind_endpoint_slice,
                   ENDPOINT_SLICE("IPv4", "'endpoints':[{'addresses':['fd00::1']}]")),
        "endpoints[0].addresses[0]: Invalid value: \"fd00::1\": must be a valid IPv4 address");
    EXPECT_TEXT(
        refusal_of(&kind_endpoint_slice, ENDPOINT_SLICE("IPv6", "'endpoints':[{'addresses':[]}]")),
        "endpoints[0].addresses: Required value: must contain at least 1 address");
    EXPECT_TEXT(refusal_of(&kind_endpoint_slice, ENDPOINT_SLICE("DNS", "'endpoints':[]")),
                "addressType: Unsupported value: \"DNS\": supported values: \"FQDN\", \"IPv4\", "
                "\"IPv6\"");
    begin(&kind_endpoint_slice);
    struct json *old = kind_create(&f, ENDPOINT_SLICE("IPv4", "'endpoints':[]"));
    EXPECT_TEXT(kind_update_error(&f, old, ENDPOINT_SLICE("IPv6", "'endpoints':[]"), NULL, NULL),
                "addressType: Invalid value: \"IPv6\": field is immutable");
}
TEST("the row of a slice")
{
    begin(&kind_endpoint_slice);
    EXPECT_TEXT(
        kind_cells(&f,
                   kind_create(&f, ENDPOINT_SLICE("IPv4", "'endpoints':[{'addresses':"
                                                          "['10.0.0.1']}],'ports':[{'port':80}]"))),
        "['web-1','IPv4','80','10.0.0.1','0s']");
    EXPECT_TEXT(kind_cells(&f, kind_create(&f, ENDPOINT_SLICE("IPv4", "'endpoints':[]"))),
                "['web-1','IPv4','<unset>','<unset>','0s']");
}
