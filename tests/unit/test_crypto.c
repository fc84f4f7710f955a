/* core/crypto: against the published examples of each standard. */
#include "core/crypto.h"

#include "tests/harness/test.h"

static const char *hex(const uint8_t *bytes, size_t size)
{
    static char text[2 * SHA256_SIZE + 1];
    for (size_t i = 0; i < size; i++) {
        text[i * 2] = "0123456789abcdef"[bytes[i] >> 4];
        text[i * 2 + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    return text;
}

TEST("SHA-256 agrees with FIPS 180")
{
    char text[SHA256_SIZE * 2 + 1];
    sha256_hex(SLICE(""), text);
    EXPECT_TEXT(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sha256_hex(SLICE("abc"), text);
    EXPECT_TEXT(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    uint8_t digest[SHA256_SIZE];
    sha256((struct slice){NULL, 0}, digest);
    EXPECT_EQ(digest[0], 0xe3);
}

TEST("HMAC agrees with RFC 4231, with short and long keys")
{
    uint8_t digest[SHA256_SIZE];
    hmac_sha256(SLICE("Jefe"), SLICE("what do ya want for nothing?"), digest);
    EXPECT_TEXT(hex(digest, sizeof(digest)),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    char key[131];
    memset(key, 0xaa, sizeof(key));
    hmac_sha256((struct slice){key, sizeof(key)},
                SLICE("Test Using Larger Than Block-Size Key - Hash Key First"), digest);
    EXPECT_TEXT(hex(digest, sizeof(digest)),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST("secrets are equal only when every byte is")
{
    EXPECT(secret_equal(SLICE(""), (struct slice){NULL, 0}));
    EXPECT(secret_equal(SLICE("a\0b"), SLICE("a\0b")));
    EXPECT(!secret_equal(SLICE("a\0b"), SLICE("a\0c")));
    EXPECT(!secret_equal(SLICE("xb"), SLICE("ab")));
    EXPECT(!secret_equal(SLICE("a"), SLICE("ab")));
}

TEST("CRC-32C agrees with RFC 3720, by machine and by tables, in any pieces")
{
    char bytes[100];
    memset(bytes, 0, 32);
    EXPECT_EQ(crc32c(0, bytes, 32), 0x8a9136aa);
    memset(bytes, 0xff, 32);
    EXPECT_EQ(crc32c(0, bytes, 32), 0x62a8ab43);
    EXPECT_EQ(crc32c(0, "123456789", 9), 0xe3069283);
    EXPECT_EQ(crc32c(0, NULL, 0), 0);
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i * 37);
    uint32_t whole = crc32c(0, bytes, sizeof(bytes));
    for (size_t cut = 0; cut <= sizeof(bytes); cut++) {
        uint32_t first = crc32c(0, bytes, cut);
        EXPECT_EQ(crc32c(first, bytes + cut, sizeof(bytes) - cut), whole);
        EXPECT_EQ(crc32c_portable(0, bytes, cut), first);
    }
}

static const char *encoded(struct slice data)
{
    static struct buffer text;
    buffer_clear(&text);
    base64_encode(data, &text);
    return text.data ? text.data : "";
}

static const char *url_encoded(struct slice data)
{
    static struct buffer text;
    buffer_clear(&text);
    base64url_encode(data, &text);
    return text.data ? text.data : "";
}

TEST("base64 agrees with RFC 4648")
{
    EXPECT_TEXT(encoded(SLICE("")), "");
    EXPECT_TEXT(encoded(SLICE("f")), "Zg==");
    EXPECT_TEXT(encoded(SLICE("fo")), "Zm8=");
    EXPECT_TEXT(encoded(SLICE("foo")), "Zm9v");
    EXPECT_TEXT(encoded(SLICE("foob")), "Zm9vYg==");
    EXPECT_TEXT(encoded(SLICE("fooba")), "Zm9vYmE=");
    EXPECT_TEXT(encoded(SLICE("foobar")), "Zm9vYmFy");
    EXPECT_TEXT(encoded(SLICE("\xfb\xff\0")), "+/8A");
    EXPECT_TEXT(url_encoded(SLICE("")), "");
    EXPECT_TEXT(url_encoded(SLICE("f")), "Zg");
    EXPECT_TEXT(url_encoded(SLICE("fo")), "Zm8");
    EXPECT_TEXT(url_encoded(SLICE("\xfb\xff\0")), "-_8A");
}

TEST("base64 of every length is decoded to what it was")
{
    struct buffer text = {0}, data = {0};
    char bytes[100];
    for (size_t size = 0; size < sizeof(bytes); size++) {
        for (size_t i = 0; i < size; i++)
            bytes[i] = (char)(i * 41 + size);
        struct slice whole = {bytes, size};
        buffer_clear(&text);
        buffer_clear(&data);
        base64_encode(whole, &text);
        EXPECT_EQ(base64_decode(buffer_slice(&text), &data), 0);
        EXPECT_SLICE(buffer_slice(&data), whole);
        buffer_clear(&text);
        buffer_clear(&data);
        base64url_encode(whole, &text);
        EXPECT_EQ(base64url_decode(buffer_slice(&text), &data), 0);
        EXPECT_SLICE(buffer_slice(&data), whole);
    }
    buffer_release(&text);
    buffer_release(&data);
}

static bool is_bad(const char *text)
{
    struct buffer data = {0};
    buffer_append_text(&data, "before");
    bool bad = base64_decode(slice_of(text), &data) < 0;
    if (bad)
        EXPECT_TEXT(data.data, "before");
    buffer_release(&data);
    return bad;
}

static bool is_bad_url(const char *text)
{
    struct buffer data = {0};
    bool bad = base64url_decode(slice_of(text), &data) < 0;
    buffer_release(&data);
    return bad;
}

TEST("what Go would refuse as base64 is refused, and line ends are not")
{
    EXPECT(!is_bad("Zm9v\r\nYg=\n=\n"));
    EXPECT(is_bad("Zg"));
    EXPECT(is_bad("Zg="));
    EXPECT(is_bad("Zg==="));
    EXPECT(is_bad("Z"));
    EXPECT(is_bad("Z==="));
    EXPECT(is_bad("===="));
    EXPECT(is_bad("="));
    EXPECT(is_bad("Zg==Zg=="));
    EXPECT(is_bad("Zm9v="));
    EXPECT(is_bad("Zm9v===="));
    EXPECT(is_bad("Z g="));
    EXPECT(is_bad("Zm9v Zm9v"));
    EXPECT(is_bad("-_8A"));
    EXPECT(is_bad_url("+/8A"));
    EXPECT(is_bad_url("Zg=="));
    EXPECT(is_bad_url("Z"));
    EXPECT(is_bad_url("Zm9v\n"));
    EXPECT(!is_bad_url(""));
}
