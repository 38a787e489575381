/* base/bytes.h - views of octets, by value. */
#ifndef SPNEGO_BASE_BYTES_H
#define SPNEGO_BASE_BYTES_H

#include <spnego/types.h>
#include <string.h>

/* Readable: what every function that is handed octets asks of its caller, for the proof. */
/*@ predicate readable(uint8_t *data, integer len) =
      len == 0 || \valid_read(data + (0 .. len - 1));
    predicate writable(uint8_t *data, integer len) =
      len == 0 || \valid(data + (0 .. len - 1));
*/

/*@ assigns \nothing;
    ensures \result.data == \null && \result.len == 0;
*/
static inline spnego_bytes bytes_absent(void)
{
    spnego_bytes none = {NULL, 0};
    return none;
}

/* Not for secrets: the time it takes tells where the two differ. */
/*@ requires readable(a.data, a.len) && readable(b.data, b.len);
    assigns \nothing;
    ensures \result == 0 || \result == 1;
*/
static inline int bytes_equal(spnego_bytes a, spnego_bytes b)
{
    if (a.len != b.len)
        return 0;
    /*@ loop invariant 0 <= i <= a.len;
        loop assigns i;
        loop variant a.len - i;
    */
    for (size_t i = 0; i < a.len; i++)
        if (a.data[i] != b.data[i])
            return 0;
    return 1;
}

/* bytes_copy and bytes_zero are memcpy and memset, with contracts that the proof can use; that the
 * two keep them is taken on trust. */
/*@ requires from.data != \null && readable(from.data, from.len) && writable(to, from.len);
    requires from.len == 0 || \separated(to + (0 .. from.len - 1), from.data + (0 .. from.len - 1));
    assigns to[0 .. from.len - 1];
    ensures \forall integer i; 0 <= i < from.len ==> to[i] == from.data[i];
*/
static inline void bytes_copy(uint8_t *to, spnego_bytes from)
{
    memcpy(to, from.data, from.len);
}

/*@ requires writable(at, len);
    assigns at[0 .. len - 1];
    ensures \forall integer i; 0 <= i < len ==> at[i] == 0;
*/
static inline void bytes_zero(uint8_t *at, size_t len)
{
    if (len != 0)
        memset(at, 0, len);
}

#endif /* SPNEGO_BASE_BYTES_H */
