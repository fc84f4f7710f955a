#include "core/net/http.h"

#include <stdio.h>
#include <strings.h>
#include <time.h>

bool http_name_is(struct slice a, const char *b)
{
    return a.size == strlen(b) && (a.size == 0 || strncasecmp(a.data, b, a.size) == 0);
}

struct slice http_header_get(struct http_headers headers, const char *name)
{
    for (size_t i = 0; i < headers.count; i++) {
        if (http_name_is(headers.items[i].name, name))
            return headers.items[i].value;
    }
    return (struct slice){NULL, 0};
}

size_t http_header_count(struct http_headers headers, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < headers.count; i++)
        count += http_name_is(headers.items[i].name, name);
    return count;
}

bool http_list_next(struct slice *rest, struct slice *member)
{
    while (slice_split(rest, ',', member)) {
        *member = slice_trim(*member);
        if (member->size > 0)
            return true;
    }
    return false;
}

bool http_header_has(struct http_headers headers, const char *name, const char *token)
{
    for (size_t i = 0; i < headers.count; i++) {
        struct slice rest = headers.items[i].value, member;
        if (!http_name_is(headers.items[i].name, name))
            continue;
        while (http_list_next(&rest, &member)) {
            if (http_name_is(member, token))
                return true;
        }
    }
    return false;
}

static void write_cleaned(struct slice value, struct buffer *text)
{
    for (size_t i = 0; i < value.size; i++) {
        char byte = value.data[i];
        buffer_append_byte(text, byte == '\r' || byte == '\n' || byte == '\0' ? ' ' : byte);
    }
}

static bool is_clean(struct slice value)
{
    return value.size == 0 ||
           (!memchr(value.data, '\r', value.size) && !memchr(value.data, '\n', value.size) &&
            !memchr(value.data, '\0', value.size));
}

void http_write_headers(const struct http_header *headers, size_t count, struct buffer *text)
{
    for (size_t i = 0; i < count; i++) {
        buffer_append_slice(text, headers[i].name);
        buffer_append(text, ": ", 2);
        if (is_clean(headers[i].value))
            buffer_append_slice(text, headers[i].value);
        else
            write_cleaned(headers[i].value, text);
        buffer_append(text, "\r\n", 2);
    }
}

/* The names of days and months are fixed by the RFC, not by a locale. */
void http_format_date(int64_t wall_us, char text[HTTP_DATE_SIZE])
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t seconds = (time_t)(wall_us / 1000000);
    struct tm utc = {0};
    gmtime_r(&seconds, &utc);
    snprintf(text, HTTP_DATE_SIZE, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT",
             days + 3 * utc.tm_wday, (unsigned)utc.tm_mday % 100, months + 3 * utc.tm_mon,
             (unsigned)(utc.tm_year + 1900) % 10000, (unsigned)utc.tm_hour % 100,
             (unsigned)utc.tm_min % 100, (unsigned)utc.tm_sec % 100);
}

const char *http_code_text(int code)
{
    switch (code) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Request Entity Too Large";
    case 415: return "Unsupported Media Type";
    case 416: return "Requested Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Entity";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    default: return "";
    }
}
