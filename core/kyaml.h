/* KYAML out: the dialect of YAML that `kubectl -o kyaml` prints.
 *
 * Bytes are those of kubectl 1.35 (sigs.k8s.io/yaml/kyaml 1.6.0, KEP-5295), save
 * for its four faults that lose data, where ours is right:
 *   - a line of a text that begins with white space other than a space or tab is
 *     escaped there twice and reads back as something else;
 *   - U+0085 becomes a space there, here "\N";
 *   - U+007F to U+009F, U+FFFE and U+FFFF are an error there, here escaped;
 *   - the key "0b-1" has no quotes there, and is read back as "-1".
 * What is printed reads back as the same tree by any YAML reader. Numbers get the
 * text that kubectl's JSON layer gives them (number_reprint()).
 *
 * Comments come from a document read with notes. They stand where they stood:
 * above their entry, behind their value, behind the opening bracket, or before
 * the closing one; a list of collections with comments on its items has one item
 * a line. Thread: any; trees and documents are only read. */
#ifndef CORE_KYAML_H
#define CORE_KYAML_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buffer.h"
#include "core/json.h"
#include "core/yaml.h"

#define KYAML_SIZE_MAX ((size_t)256 << 20)

struct kyaml_options {
    bool sort_keys; /* By bytes, as kubectl prints what a server sent; else as in the tree. */
    int indent;     /* Level of the first line, two spaces each. */
    size_t size_max; /* Of the text printed; 0: KYAML_SIZE_MAX. */
    const struct yaml_document *document; /* Whose comments are printed; or NULL. */
};

/* Appends "---", the value and a newline. options may be NULL. Indentation can
 * make much of little, so the size is bounded: -1 when it would be passed, and
 * then the text stops anywhere. */
MUST_USE int kyaml_print_document(const struct json *root, const struct kyaml_options *options,
                                  struct buffer *text);
/* Appends the value alone, without comments around the root. */
MUST_USE int kyaml_print(const struct json *root, const struct kyaml_options *options,
                         struct buffer *text);

/* A string value at some level: quoted, and with one line of text a line. */
void kyaml_print_string(struct slice value, int indent, struct buffer *text);
/* A key: bare, or quoted on one line. */
void kyaml_print_key(struct slice key, struct buffer *text);
/* A bare key is made of letters, numbers, "_", and inside "-", ".", "/", and no
 * YAML reader takes it for something else than text. */
bool kyaml_key_is_bare(struct slice key);

#endif
