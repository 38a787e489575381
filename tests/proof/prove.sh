#!/bin/sh
# Proves with Frama-C's WP that the receive path and the encoder have no run-time error, for any
# input of any length: every access in bounds, no overflow, every loop ends, every contract kept.
#
#   tests/proof/prove.sh [FILE...]
#
# A FILE is one of the sources named below; without any, all are proven, and the last line is the
# number of goals proven of all goals.  TIMEOUT is the time each prover may take for one goal, in
# seconds; FUNCTIONS, if set, names the functions to prove in place of all of a file.  Fails unless
# all goals are proven.
set -eu
cd "$(dirname "$0")/../.."

for tool in frama-c z3 cvc4 why3; do
    if ! command -v $tool >/dev/null; then
        echo "prove: needs frama-c, why3, z3 and cvc4" >&2
        echo "on Debian: apt-get install frama-c-base why3 z3 cvc4" >&2
        exit 1
    fi
done

# Each function is proven against the contracts of those it calls, so each is listed once: inline
# functions beside the file that is theirs.
functions_of() {
    case $1 in
    src/der/reader.c)
        echo bytes_absent,bytes_equal,oid_is_spnego,oid_fault,oid_fault_rule,oid_check,der_enter,der_leave \
            der_contents,der_check_oid,der_mark,der_mark_rest,der_reader_init,der_note,at_the_cut \
            der_refuse,der_allow,rule_for_end,read_long_length,enter_contents,enter_length \
            der_enter_slowly,der_leave_surplus,der_skip,der_refuse_oid ;;
    src/der/writer.c)
        echo der_written,der_writer_init,grow,put_octets,put_long_length,put_header \
            identifier_of_tag,identifier_of_type,der_write_octets,der_write_header \
            der_write_tagged,put_short,put_short_tagged,put_element,put_tagged_element,put_member \
            der_write_members,der_write_list,der_writer_finish ;;
    src/der/oid.c) echo oid_fault_at_80 ;;
    src/token/fields.c) echo fields_begin,fields_read,fields_begin_late,fields_skip_unknown ;;
    src/token/mech_type_list.c)
        echo mech_type_list_read,spnego_mech_types_next,check_mech_type,mech_type_list_check \
            spnego_mech_types_encode ;;
    src/token/gss_frame.c) echo gss_frame_enter,gss_frame_write ;;
    src/token/neg_token_resp.c)
        echo take_neg_state,read_field,read_next,neg_token_resp_read,check_fields,write_fields \
            neg_token_resp_write ;;
    src/token/neg_token_init.c)
        echo read_mech_types,check_req_flags,read_hint,read_neg_hints,is_init2_mic,read_field \
            read_next,read_fields,neg_token_init_read,write_neg_hints,write_init_fields \
            write_init2_fields,check_fields,neg_token_init_write ;;
    src/token/token.c)
        echo clear,read_message,read_choice,read_token,spnego_token_decode,spnego_token_inspect \
            check_fields,spnego_token_encode ;;
    src/nego/settle.c)
        echo nothing_yet,refuse,send,nego_mic_allowed,end_of_incomplete,initiator_ends \
            nego_settle_initiator,acceptor_signs_first,nego_settle_acceptor,nego_settle_last ;;
    src/nego/fragment.c) echo announced_len,is_beginning ;;
    *) return 1 ;;
    esac
}
# Counting up to the largest size_t is what the writer does, so there the arithmetic of unsigned
# numbers is proven not to wrap, too.
rte_of() {
    [ "$1" != src/der/writer.c ] || echo -warn-unsigned-overflow
}

all="src/der/reader.c src/der/writer.c src/der/oid.c src/token/fields.c src/token/mech_type_list.c
     src/token/gss_frame.c src/token/neg_token_resp.c src/token/neg_token_init.c src/token/token.c
     src/nego/settle.c src/nego/fragment.c"

log=$(mktemp)
home=$(mktemp -d)
trap 'rm -rf "$log" "$home"' EXIT
# Why3 keeps the list of provers in the home directory: one of our own leaves the user's alone.
HOME=$home why3 config detect >/dev/null 2>&1

proven=0
goals=0
for file in ${*:-$all}; do
    functions=$(functions_of "$file" | tr ' ' ',') || {
        echo "prove: $file is not proven" >&2
        exit 1
    }
    functions=${FUNCTIONS:-$functions}
    HOME=$home frama-c -machdep gcc_x86_64 \
        -cpp-extra-args="-Iinclude -Isrc -Isrc/der/asn1c -Igenerated" \
        -wp -wp-rte $(rte_of "$file") -wp-prover cvc4,z3 -wp-timeout "${TIMEOUT:-60}" -wp-par "${JOBS:-2}" \
        -wp-fct "$functions" "$file" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
    sed -n '/\[Failed\]\|\[Timeout\]\|\[Unknown\]\|User Error/p' "$log"
    counts=$(sed -n 's/^\[wp\] Proved goals: *\([0-9]*\) \/ \([0-9]*\).*/\1 \2/p' "$log")
    [ -n "$counts" ] || { cat "$log" >&2; exit 1; }
    echo "$file: ${counts% *} of ${counts#* } goals proven"
    proven=$((proven + ${counts% *}))
    goals=$((goals + ${counts#* }))
done
echo "goals proven: $proven of $goals"
[ "$proven" -eq "$goals" ]
