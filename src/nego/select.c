#include "nego/select.h"

#include "base/bytes.h"
#include "nego/mech.h"

nego_slot *nego_find_slot(spnego_context *context, spnego_bytes oid)
{
    nego_slot *alias = NULL;

    for (size_t i = 0; i < context->num_slots; i++) {
        nego_slot *slot = &context->slots[i];

        if (slot->excluded || slot->gone)
            continue;
        if (bytes_equal(slot->mech.ops->oid, oid))
            return slot;
        if (alias == NULL && nego_same_mech(slot->mech.ops->oid, oid))
            alias = slot;
    }
    return alias;
}

int nego_is_first(const spnego_context *context, spnego_bytes oid)
{
    spnego_bytes first;
    size_t cursor = 0;

    return spnego_mech_types_next(&first, &cursor, nego_buffer_view(&context->list)) &&
           nego_same_mech(first, oid);
}

int nego_find_offered(spnego_bytes *out_oid, const spnego_context *context, spnego_bytes oid)
{
    const spnego_bytes list = nego_buffer_view(&context->list);
    spnego_bytes entry;
    size_t cursor = 0;
    int found = 0;

    while (spnego_mech_types_next(&entry, &cursor, list)) {
        const int exact = bytes_equal(entry, oid);

        if (exact || (!found && nego_same_mech(entry, oid))) {
            *out_oid = entry;
            found = 1;
        }
        if (exact)
            break;
    }
    return found;
}

/* Whether the slot can be chosen: it has a credential, and the host's policy does not mind. */
static int usable(spnego_context *context, nego_slot *slot)
{
    return nego_mech_available(context, slot) &&
           nego_mech_acceptable(context, slot, nego_buffer_view(&context->list));
}

static void choose(spnego_context *context, nego_slot *slot, spnego_bytes oid)
{
    context->chosen = slot;
    context->oid = oid;
    context->first_choice = (uint8_t)nego_is_first(context, oid);
}

/* The slot for an entry of the list: the one of its very number, if that can be used, or else one
 * of another number of Kerberos. */
static nego_slot *find_usable(spnego_context *context, spnego_bytes oid)
{
    for (int alias = 0; alias <= 1; alias++)
        for (size_t i = 0; i < context->num_slots; i++) {
            nego_slot *slot = &context->slots[i];
            const spnego_bytes own = slot->mech.ops->oid;

            if (!slot->excluded && !slot->gone && nego_same_mech(own, oid) &&
                bytes_equal(own, oid) == !alias && usable(context, slot))
                return slot;
        }
    return NULL;
}

/* RFC 4178 3.1: the first of the initiator's list for which there is a credential. */
static int choose_by_list(spnego_context *context)
{
    const spnego_bytes list = nego_buffer_view(&context->list);
    spnego_bytes oid;
    size_t cursor = 0;

    while (spnego_mech_types_next(&oid, &cursor, list)) {
        nego_slot *slot = find_usable(context, oid);

        if (slot != NULL) {
            choose(context, slot, oid);
            return 1;
        }
    }
    return 0;
}

/* The slot, under the first of its numbers that the list has: that is the one which may have come
 * with the optimistic token (MS-SPNG 3.1.5.2). */
static int choose_if_offered(spnego_context *context, nego_slot *slot)
{
    const spnego_bytes list = nego_buffer_view(&context->list);
    spnego_bytes oid;
    size_t cursor = 0;

    while (spnego_mech_types_next(&oid, &cursor, list)) {
        if (!nego_same_mech(oid, slot->mech.ops->oid))
            continue;
        if (!usable(context, slot))
            return 0;
        choose(context, slot, oid);
        return 1;
    }
    return 0;
}

/* "Absent application order or local policy": this is one. */
static int choose_by_own_order(spnego_context *context)
{
    for (size_t i = 0; i < context->num_slots; i++) {
        nego_slot *slot = &context->slots[i];

        if (!slot->excluded && !slot->gone && choose_if_offered(context, slot))
            return 1;
    }
    return 0;
}

int nego_choose(spnego_context *context)
{
    return context->options & SPNEGO_OPTION_OWN_ORDER ? choose_by_own_order(context)
                                                      : choose_by_list(context);
}

/* RFC 4178 5: the favourite is judged against everything that this side has, offered or not, so
 * that nothing is gained by striking it from the list. */
static const nego_slot *favourite(spnego_context *context)
{
    for (size_t i = 0; i < context->num_slots; i++) {
        nego_slot *slot = &context->slots[i];

        if (!slot->excluded && !slot->gone &&
            (slot == context->chosen || nego_mech_available(context, slot)))
            return slot;
    }
    return NULL;
}

static int has_attribute(const spnego_mech *mech, spnego_bytes attribute)
{
    for (size_t i = 0; i < mech->num_attributes; i++)
        if (bytes_equal(mech->attributes[i], attribute))
            return 1;
    return 0;
}

/* RFC 4178 6: attributes that this side supports and the initiator's first mechanism lacks, offered
 * or not. */
static int lacks_attribute(spnego_context *context)
{
    const spnego_bytes list = nego_buffer_view(&context->list);
    const nego_slot *first = NULL;
    spnego_bytes oid;
    size_t cursor = 0;

    if (context->num_attributes != 0 && spnego_mech_types_next(&oid, &cursor, list))
        first = nego_find_slot(context, oid);
    for (size_t i = 0; i < context->num_attributes; i++)
        if (first == NULL || !has_attribute(&first->mech, context->attributes[i]))
            return 1;
    return 0;
}

int nego_must_ask(spnego_context *context, const char **out_why)
{
    if (!context->first_choice)
        *out_why = "not the initiator's first choice";
    else if (favourite(context) != context->chosen)
        *out_why = "not the acceptor's first choice";
    else if (lacks_attribute(context))
        *out_why = "an attribute is lacking";
    else if (context->options & SPNEGO_OPTION_REQUIRE_MIC)
        *out_why = "policy";
    else
        return 0;
    return 1;
}
