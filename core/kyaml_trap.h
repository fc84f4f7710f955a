/* Traps of YAML: texts that mean something else than they look like, or something
 * else to another reader. KYAML has none of them. */
#ifndef CORE_KYAML_TRAP_H
#define CORE_KYAML_TRAP_H

#include "core/arena.h"
#include "core/buffer.h"

/* X(NAME, "name", "explanation") */
#define KYAML_TRAPS(X)                                                                             \
    X(BOOLEAN, "boolean",                                                                          \
      "yes, no, on, off, y and n are booleans in YAML 1.1, which Kubernetes reads, and text in "   \
      "YAML 1.2. Quote them when they are text (Norway's NO), else write true or false.")          \
    X(KEY, "key",                                                                                  \
      "A key that looks like a number or a boolean becomes the text of that value: on is the "     \
      "key true, 0x10 is the key 16. Quote it.")                                                   \
    X(NULL, "null",                                                                                \
      "~ and the other spellings of null look like text or nothing. Write null, or quotes.")       \
    X(EMPTY, "empty",                                                                              \
      "No value, or nothing but a comment behind the colon or dash, is null. Write null, \"\", "   \
      "{} or [], whichever is meant; quote a text that begins with #.")                            \
    X(OCTAL, "octal",                                                                              \
      "A number that begins with 0 or 0o is octal for Kubernetes; YAML 1.2 reads 010 as ten. "     \
      "Write it in decimal (0644 is 420), or in quotes.")                                          \
    X(RADIX, "radix",                                                                              \
      "Numbers that begin with 0x or 0b are read as numbers, and the second by few readers. "      \
      "Write them in decimal, or in quotes.")                                                      \
    X(UNDERSCORE, "underscore",                                                                    \
      "Some readers drop the underscores of a number, others see text. Leave them out, or quote.") \
    X(BASE60, "base60",                                                                            \
      "Digits with colons are numbers of base 60 in YAML 1.1 (11:00 is 660) and text in "          \
      "Kubernetes. Quote times and port pairs.")                                                   \
    X(EXPONENT, "exponent",                                                                        \
      "Digits with an e are a number, also in the midst of a commit id. Quote text; write a "      \
      "number in full.")                                                                           \
    X(VERSION, "version",                                                                          \
      "A version without quotes is a number and loses its last zero: 1.10 becomes 1.1. Quote it.") \
    X(NUMBER, "number",                                                                            \
      "A number in an unusual form (+1, .5, 5., 08) comes out as another text. Quote it when it "  \
      "is text, else write the number plainly.")                                                   \
    X(LARGE, "large",                                                                              \
      "Whole numbers above 9223372036854775807 lose digits, and numbers too large for a float "    \
      "are text. Quote long identifiers.")                                                         \
    X(INFINITY, "infinity", "JSON has no infinity and no NaN, so no client can send them. Quote.") \
    X(DATE, "date",                                                                                \
      "A date is text for Kubernetes and a date for YAML 1.1 readers such as Python's. Quote it.") \
    X(SPELLING, "spelling",                                                                        \
      "A boolean or null in mixed letters is text, and looks like the value. Quote it.")           \
    X(MERGE, "merge",                                                                              \
      "<< is YAML 1.1 and not known to every reader; here what is merged overrides keys above "    \
      "it. Write the members out.")                                                                \
    X(ANCHOR, "anchor",                                                                            \
      "Anchors and aliases are copied out when a client reads the file, and some tools refuse "    \
      "them. Write the value where it is used.")                                                   \
    X(TAG, "tag",                                                                                  \
      "A tag changes the type of a value, and one that is not known is dropped. Write the value "  \
      "in the form of its type.")                                                                  \
    X(DUPLICATE, "duplicate",                                                                      \
      "Of a key that is given twice only the last value is read. Remove the other.")               \
    X(TAB, "tab", "Tabs are no indentation in YAML and end some readers' work. Use spaces.")       \
    X(FOLDED, "folded",                                                                            \
      "A line deeper in than the text above it continues that text. Quote a text of several "      \
      "lines, or mend the indentation.")                                                           \
    X(LIST, "list",                                                                                \
      "A line with a dash, deeper in than the item above it, is not an item of its own: it "       \
      "continues the item's text. Give all dashes of a list the same column.")                     \
    X(DASH, "dash", "A dash without a space behind it begins a text, not an item of a list.")      \
    X(COLON, "colon", "A colon without a space behind it is part of the text, not the end of a "   \
      "key.")                                                                                      \
    X(PAIR, "pair",                                                                                \
      "A pair inside a list is a mapping of its own: [a: b] is [{a: b}]. Write the braces.")       \
    X(BACKSLASH, "backslash",                                                                      \
      "Between single quotes a backslash is a backslash: '\\n' are two characters. Use double "    \
      "quotes.")                                                                                   \
    X(INVISIBLE, "invisible",                                                                      \
      "The text holds a character that cannot be seen, such as a no-break space from a web "       \
      "page. Remove it, or write it as an escape between double quotes.")                          \
    X(IGNORED, "ignored",                                                                          \
      "Clients read one document between two lines of ---; what follows a line ... is dropped.")   \
    X(ERROR, "error", "No client can read this.")

enum kyaml_trap {
#define X(name, word, explanation) KYAML_TRAP_##name,
    KYAML_TRAPS(X)
#undef X
        KYAML_TRAP_COUNT
};

const char *kyaml_trap_name(enum kyaml_trap trap);
const char *kyaml_trap_explanation(enum kyaml_trap trap);

/* Looks at a plain scalar without a tag. True when it is a trap; *message then
 * says what it is read as: `NO is read as the boolean false, not as text`. */
bool kyaml_trap_of_plain(struct arena *arena, struct slice text, bool is_key, enum kyaml_trap *trap,
                         const char **message);
/* The first character that cannot be seen, or 0. */
int32_t kyaml_invisible_in(struct slice text);

#endif
