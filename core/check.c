/* The one way in which a broken promise ends the process. */
#include "core/check.h"

#include <stdio.h>
#include <stdlib.h>

void check_failed(const char *what, const char *text, const char *file, int line)
{
    fprintf(stderr, "%s:%d: %s broken: %s\n", file, line, what, text);
    fflush(stderr);
    abort();
}
