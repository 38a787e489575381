/* Prints the tree of each Kerberos token that standard input has in hexadecimal, one a line, and an
 * empty line after it:  krb5-fields <TOKENS */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../tree_text.h"
#include "inspect/dump.h"
#include "inspect/krb5.h"

int main(void)
{
    static char line[1 << 18];
    static inspect_reading reading;
    inspect_tree tree = {0};

    while (fgets(line, sizeof line, stdin) != NULL) {
        const size_t len = strspn(line, "0123456789abcdef") / 2;
        uint8_t *octets = malloc(len + 1);
        const spnego_bytes token = {octets, len};

        for (size_t i = 0; octets != NULL && i < len; i++)
            octets[i] = (uint8_t)(inspect_hex_digit((uint8_t)line[2 * i]) << 4 |
                                  inspect_hex_digit((uint8_t)line[2 * i + 1]));
        memset(&reading, 0, sizeof reading);
        reading.in = token;
        inspect_tree_clear(&tree);
        if (inspect_krb5_read(&tree, &reading, token, 0)) {
            char *text = tree_text(&tree, &reading);

            fputs(text, stdout);
            free(text);
        }
        putchar('\n');
        free(octets);
    }
    inspect_tree_free(&tree);
    return 0;
}
