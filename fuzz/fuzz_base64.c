/* Base64 both ways.  The first octet of the input is the tolerances; the rest is text, and octets.
 */
#include "law.h"

#include <spnego/base64.h>

/* What is accepted strictly is what is written, and what a tolerance adds is accepted with all. */
static void read_text(const char *text, size_t len, uint32_t tolerate)
{
    const size_t room = len / 4 * 3 + 2;
    uint8_t *const octets = malloc(room), *const again = malloc(room);
    char *const back = malloc(len + 4);
    size_t num = room, num_again, offset = (size_t)-1;
    spnego_rule rule, with_all;

    if (octets == NULL || again == NULL || back == NULL)
        abort();
    rule = spnego_base64_decode(octets, &num, &offset, text, len, tolerate);
    if (rule != SPNEGO_RULE_NONE) {
        LAW(num == 0 && offset <= len);
        LAW(rule >= SPNEGO_RULE_BASE64_CHARACTER && rule <= SPNEGO_RULE_BASE64_PAD_BITS);
    } else {
        const spnego_bytes view = {octets, num};
        const size_t written = spnego_base64_encode(back, len + 4, view);

        LAW(written == spnego_base64_encoded_len(num));
        LAW(tolerate != 0 || (written == len && memcmp(back, text, len) == 0));
        num_again = room;
        with_all = spnego_base64_decode(again, &num_again, NULL, text, len, 3);
        LAW(with_all == SPNEGO_RULE_NONE && num_again == num && memcmp(again, octets, num) == 0);
        num_again = num;
        LAW(spnego_base64_decode(again, &num_again, NULL, back, written, 0) == SPNEGO_RULE_NONE);
        LAW(num_again == num && memcmp(again, octets, num) == 0);
        if (num != 0) {
            num_again = num - 1;
            LAW(spnego_base64_decode(again, &num_again, NULL, text, len, tolerate) ==
                SPNEGO_RULE_CALL_BAD_ARGUMENT);
        }
    }
    free(octets);
    free(again);
    free(back);
}

static void write_octets(const uint8_t *octets, size_t len)
{
    const size_t text_len = spnego_base64_encoded_len(len);
    const spnego_bytes view = {octets, len};
    char *const text = malloc(text_len + 1);

    if (text == NULL)
        abort();
    LAW(spnego_base64_encode(text, text_len, view) == text_len);
    read_text(text, text_len, 0);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy;

    if (size == 0)
        return 0;
    copy = copy_exactly(data + 1, size - 1);
    read_text((const char *)copy, size - 1, data[0] & 3);
    write_octets(copy, size - 1);
    free(copy);
    return 0;
}
