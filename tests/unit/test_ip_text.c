/* Addresses: what Go's parser takes, and what it does not. */
#include <stdio.h>

#include "core/kinds/ip_text.h"
#include "tests/harness/test.h"

static const char *parsed(const char *text)
{
    static char shown[40];
    struct ip_address address;
    if (!ip_parse(slice_of(text), &address))
        return "no";
    for (int i = 0; i < (address.is_v6 ? 16 : 4); i++)
        snprintf(shown + 2 * i, 3, "%02x", address.bytes[i]);
    return shown;
}

TEST("an address of four bytes")
{
    EXPECT_TEXT(parsed("0.0.0.0"), "00000000");
    EXPECT_TEXT(parsed("255.255.255.255"), "ffffffff");
    EXPECT_TEXT(parsed("10.9.8.7"), "0a090807");
    EXPECT_TEXT(parsed("010.09.8.7"), "0a090807");
    static const char *const bad[] = {
        "",          "1",         "1.2.3",     "1.2.3.4.5",
        "1.2.3.",    ".1.2.3",    "1..2.3",    "1.2.3.-4",
        "1.2.3.256", "1.2.3.4 ",  " 1.2.3.4",  "1.2.3.+4",
        "1.2.3.a",   "1.2.3.0x4", "1.2.3.4/8", "1.2.3.99999999999999999999"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        EXPECT_TEXT(parsed(bad[i]), "no");
    EXPECT(!ip_is_valid((struct slice){"1.2.3.4", 8}));
}

TEST("an address of sixteen bytes")
{
    EXPECT_TEXT(parsed("::"), "00000000000000000000000000000000");
    EXPECT_TEXT(parsed("::1"), "00000000000000000000000000000001");
    EXPECT_TEXT(parsed("1::"), "00010000000000000000000000000000");
    EXPECT_TEXT(parsed("2001:DB8::ffff"), "20010db800000000000000000000ffff");
    EXPECT_TEXT(parsed("1:2:3:4:5:6:7:8"), "00010002000300040005000600070008");
    EXPECT_TEXT(parsed("1:2:3:4:5:6:7::"), "00010002000300040005000600070000");
    EXPECT_TEXT(parsed("::2:3:4:5:6:7:8"), "00000002000300040005000600070008");
    EXPECT_TEXT(parsed("::ffff:1.2.3.4"), "00000000000000000000ffff01020304");
    EXPECT_TEXT(parsed("1:2:3:4:5:6:1.2.3.4"), "00010002000300040005000601020304");
    static const char *const bad[] = {":",
                                      ":::",
                                      "1",
                                      "1:2:3:4:5:6:7",
                                      "1:2:3:4:5:6:7:8:9",
                                      "1::2::3",
                                      "12345::",
                                      "g::",
                                      "1:2:3:4:5:6:7:8::",
                                      "::1:2:3:4:5:6:7:8",
                                      "fe80::1%eth0",
                                      "1.2.3.4::",
                                      "::1.2.3",
                                      "::1.2.3.4:5",
                                      "[::1]",
                                      "1:2:3:4:5:6:7:1.2.3.4",
                                      ":1:2:3:4:5:6:7",
                                      "1:2:3:4:5:6:7:"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        EXPECT_TEXT(parsed(bad[i]), "no");
}

static int bits_of(const char *text)
{
    struct ip_address address;
    int bits;
    return cidr_parse(slice_of(text), &address, &bits) ? bits : -1;
}
TEST("a range is an address and a number of bits that fit it")
{
    EXPECT_EQ(bits_of("10.0.0.0/0"), 0);
    EXPECT_EQ(bits_of("10.0.0.1/32"), 32);
    EXPECT_EQ(bits_of("10.0.0.0/33"), -1);
    EXPECT_EQ(bits_of("fd00::/128"), 128);
    EXPECT_EQ(bits_of("fd00::/129"), -1);
    static const char *const bad[] = {"",
                                      "/8",
                                      "10.0.0.0",
                                      "10.0.0.0/",
                                      "10.0.0.0/-1",
                                      "10.0.0.0/+8",
                                      "10.0.0.0/08",
                                      "10.0.0.0/8/8",
                                      "10.0.0/8",
                                      "10.0.0.0/8 "};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        EXPECT_EQ(bits_of(bad[i]), -1);
}
