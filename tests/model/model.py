#!/usr/bin/env python3
"""The negotiation of RFC 4178 and MS-SPNG as a model, and what it says of every short exchange.

    model.py initiator|acceptor     writes the automata that tests/test_sequences.c compares with
    model.py counts                 writes how many sequences each setting has, for people

A side is a function of (setting, state, token) to (state, verdict).  It is written from the rules,
and shares no code with the library.  Rules are cited as NEG-nn (requirements.md), Dn (the decisions
where the sources leave room, named at the end of this text) and clauses of RFC 4178.

The output is one automaton for each setting: for each state and each symbol of the role's alphabet
the octets of the peer's token, the verdict, and the next state.  Before anything is written, each
automaton is searched for a path that breaks an invariant; then nothing is written and the status
is 1.

D1  a failed step outputs a reject, but not: in an initiator's first step, after the peer's reject,
    to an acceptor that said accept-completed, where anonymity is lacking
D2  initiator's start               D3  a mechanism that writes nothing
D4  empty tokens                    D5  order of the checks of a first reply
D6  reject                          D7  later replies           D8  tokens to an acceptor
D9  MIC equal to the token          D10 when a MIC is legal     D11 accept-completed too early
D12 initiator's end                 D13 acceptor's choice       D14 acceptor's answers
D15 MIC demanded and impossible     D16 required flags          D17 limits
D18 calls out of turn               D19 trailing octets, framed NegTokenResp
D20 an initiator without input
D21 without SPNEGO (SPNEGO_OPTION_BARE, SPNEGO_OPTION_TAKE_BARE of spnego/negotiate.h)
"""
import itertools
import sys
from collections import namedtuple
from functools import lru_cache

cache = lru_cache(maxsize=None)

# ---- DER -----------------------------------------------------------------------------------------


def tlv(tag, contents):
    n = len(contents)
    if n < 0x80:
        return bytes([tag, n]) + contents
    length = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 + len(length)]) + length + contents


SPNEGO = bytes.fromhex("2b0601050502")
KRB5 = bytes.fromhex("2a864886f712010202")
MS_KRB5 = bytes.fromhex("2a864882f712010202")
OLD_KRB5 = bytes.fromhex("2b05010502")
NTLM = bytes.fromhex("2b06010401823702020a")
OTHER = bytes.fromhex("2b06010401823702021e")  # nobody's here
ATTRIBUTE = bytes.fromhex("2b060105050d0a")  # RFC 4178 6: an attribute, no mechanism

COMPLETED, INCOMPLETE, REJECT, REQUEST_MIC = range(4)  # negState


@cache
def mech_list_der(oids):
    """MechTypeList, the octets that MICs cover: RFC 4178 5(a), NEG-88."""
    return tlv(0x30, b"".join(tlv(6, oid) for oid in oids))


# A token.  Fields are None where absent.  `fault` is the rule that the reader refuses it with, and
# `unless` the tolerance that makes the reader accept it.
Msg = namedtuple(
    "Msg", "kind state mech token mic oids hints fault unless octets", defaults=(None,) * 9
)
ABSENT = Msg("absent")
EMPTY = Msg("empty", octets=b"")
NULL_WITH_LENGTH = Msg("null")


def fields_der(fields):
    return tlv(0x30, b"".join(tlv(0xA0 + n, f) for n, f in fields if f is not None))


def octets_of(m):
    string = lambda s: None if s is None else tlv(4, s)
    if m.kind == "resp":
        return tlv(0xA1, fields_der([
            (0, None if m.state is None else tlv(10, bytes([m.state]))),
            (1, None if m.mech is None else tlv(6, m.mech)),
            (2, string(m.token)), (3, string(m.mic))]))
    fields = [(0, mech_list_der(m.oids)), (2, string(m.token))]
    if m.kind == "init2":
        hint = tlv(0x30, tlv(0xA0, tlv(0x1B, m.hints)))  # MS-SPNG 2.2.1
        fields += [(3, hint), (4, string(m.mic))]
    else:
        fields += [(3, string(m.mic))]
    return tlv(0x60, tlv(6, SPNEGO) + tlv(0xA0, fields_der(fields)))


@cache
def resp(state=None, mech=None, token=None, mic=None):
    m = Msg("resp", state, mech, token, mic)
    return m._replace(octets=octets_of(m))


@cache
def init(oids, token=None, mic=None):
    m = Msg("init", None, None, token, mic, oids)
    return m._replace(octets=octets_of(m))


def init2(oids):
    m = Msg("init2", oids=tuple(oids), hints=b"not_defined_in_RFC4178@please_ignore")
    return m._replace(octets=octets_of(m))


# ---- The mechanism double ------------------------------------------------------------------------

# legs: tokens in all, the initiator's first.  empty: legs whose token has no octets.  says_empty:
# it declares SPNEGO_FLAG_EMPTY_TOKENS.  anon: "no", "yes", or "late", once it is complete.  begins:
# result of its first step if that is not as usual.  names_error: an error token goes with FAILED.
# one_way: its MICs are the same in both directions.  declined: the host's `acceptable` says no.
# named: its tokens say whose they are, as on the wire: NTLM's by their signature, others' by the
# frame of RFC 2743 3.1 around the first.
Mech = namedtuple("Mech", "name oid legs integ needs_mic empty says_empty anon begins available "
                          "names_error one_way declined attribute named")


def mech(name, oid, legs, integ=True, needs_mic=False, empty=(), says_empty=False, anon="no",
         begins="ok", available=True, names_error=True, one_way=False, declined=False,
         attribute=False, named=False):
    return Mech(name, oid, legs, integ, needs_mic, frozenset(empty), says_empty, anon, begins,
                available, names_error, one_way, declined, attribute, named)


def krb5(legs, **more):
    return mech("krb5", KRB5, legs, **more)


def ntlm(legs, **more):
    return mech("ntlm", NTLM, legs, names_error=False, **more)


SIGNATURE = b"NTLMSSP\0"


def with_name(oid, k, text):
    if oid == NTLM:
        return SIGNATURE + text
    return tlv(0x60, tlv(6, oid) + text) if k == 1 else text


@cache
def leg_text(m, k):
    if k in m.empty:
        return b""
    text = b"leg %d of %s" % (k, m.name.encode())
    return with_name(m.oid, k, text) if m.named else text


def fnv1a(octets):
    h = 0x811C9DC5
    for octet in octets:
        h = (h ^ octet) * 0x01000193 & 0xFFFFFFFF
    return h


@cache
def mic_text(m, side, oids):
    """The double's MIC: of one direction, and of every octet of the list."""
    der = mech_list_der(oids)
    return b"mic by %s over %d octets %08x of %s" % (
        b"either" if m.one_way else side.encode(), len(der), fnv1a(der), m.name.encode())


MechStep = namedtuple("MechStep", "result leg token code")


@cache
def mech_step(m, leg, token):
    """One call of the double's step: `leg` is the last that went over the wire; token is None only
    in an initiator's first step."""
    if leg == 0 and m.begins == "unavailable":
        return MechStep("UNAVAILABLE", leg, None, 0)
    error = b"error of " + m.name.encode() if m.names_error else None
    if leg == 0 and m.begins == "failed" or token is not None and token != leg_text(m, leg + 1):
        return MechStep("FAILED", leg, error, 40 + leg + 1)
    if token is not None:
        leg += 1
        if leg == m.legs:
            return MechStep("COMPLETE", leg, None, 0)
    leg += 1
    return MechStep("COMPLETE" if leg == m.legs else "CONTINUE", leg, leg_text(m, leg) or None, 0)


# ---- Settings and states -------------------------------------------------------------------------

QUIRKS = ("MISSING_NEG_STATE MISSING_SUPPORTED_MECH REPEATED_SUPPORTED_MECH OLD_KRB5_OID "
          "MIC_ECHOES_TOKEN EMPTY_TOKEN_AT_END RESELECT_WITHOUT_REQUEST_MIC INCOMPLETE_AT_END "
          "ANSWER_LAST_MIC SEND_HINTS TAKE_HINTS").split()
OPTIONS = ("NO_OPTIMISTIC_TOKEN OWN_ORDER REQUIRE_MIC NO_FALLBACK TRY_NEXT_MECH TAKE_FRAGMENTS "
           "BARE TAKE_BARE").split()
TOLERANCES = {"strict": frozenset(), "interoperable": frozenset({"TRAILING", "FRAMED_RESP"})}

# tolerate: names of TOLERANCES.  attributes: config.attributes is {ATTRIBUTE}.
Setting = namedtuple("Setting", "name role mechs quirks tolerate options required_flags "
                                "max_token max_mechs max_steps attributes null_input")


def setting(name, role, mechs, profile, options=(), quirks=None, required_flags=(), max_token=65536,
            max_steps=16, attributes=False, null_input=False):
    if quirks is None:
        quirks = QUIRKS if profile == "interoperable" else ()
    return Setting(name, role, tuple(mechs), frozenset(quirks), TOLERANCES[profile],
                   frozenset(options), frozenset(required_flags), max_token, 32, max_steps,
                   attributes, null_input)


# phase: start, first (initiator waits for the first reply), later, complete, failed.
# sel: index of the chosen mechanism, or of the initiator's first.  leg: as in mech_step.
# begun, done: the mechanism was stepped, is complete.  required: sticky (D-vocabulary).
# mic_sent, mic_ok: ours went out, the peer's was verified.  oids: the list that MICs cover.
# unprotected: reselected with accept-incomplete (D12).
# steps: counted only where the setting's limit is near.  bare: without SPNEGO (D21).
State = namedtuple("State", "phase status rule hinted oids sel leg begun done required mic_sent "
                            "mic_ok unprotected steps bare")
START = State("start", None, None, False, (), None, 0, False, False, False, False, False, False, 0,
              False)

# out: Msg or None.  code: of the mechanism, where it is the reason, else 0.  info: (mech name, 1 if
# it was the initiator's first, 1 if MICs were exchanged, 1 if without SPNEGO) when COMPLETE.
Verdict = namedtuple("Verdict", "status rule code out info")
ANY_CODE = -1

# The status of each rule: spnego_status's own comments; the MIC rules are BAD_MIC where someone may
# have changed the list, PROTOCOL where the peer speaks out of turn.
STATUS_OF = {
    "ERR_PROTOCOL": "INIT_TO_INITIATOR RESP_BEFORE_INIT INIT2_TO_ACCEPTOR INIT_REPEATED "
                    "MECH_TYPES_HAVE_SPNEGO REPLY_FIRST_NEEDS_NEGSTATE SUPPORTED_MECH_MISSING "
                    "SUPPORTED_MECH_NOT_OFFERED SUPPORTED_MECH_CHANGED SUPPORTED_MECH_REPEATED "
                    "SUPPORTED_MECH_TO_ACCEPTOR REQUEST_MIC_TO_ACCEPTOR REQUEST_MIC_LATE "
                    "RESELECTED_UNPROTECTED RESELECTED_WITH_TOKEN RESPONSE_TOKEN_MISSING "
                    "RESPONSE_TOKEN_SURPLUS COMPLETED_TOO_EARLY INCOMPLETE_AT_END MIC_TOO_EARLY "
                    "MIC_REPEATED MIC_WITHOUT_INTEGRITY BARE_TOKEN_TOO_EARLY",
    "ERR_MALFORMED": "TOKEN_EMPTY TOKEN_NOT_SPNEGO FRAME_NOT_SPNEGO DER_TRUNCATED NEG_STATE_UNKNOWN FRAME_MISSING "
                     "FRAME_ON_RESPONSE TOKEN_TRAILING_BYTES",
    "ERR_BAD_MIC": "MIC_WRONG MIC_MISSING MIC_REFLECTED",
    "ERR_MECH": "MECH_FAILED MECH_GONE",
    "ERR_MECH_LIED": "MECH_SAYS_NOTHING MECH_NEEDS_MIC_IT_LACKS",
    "ERR_NO_MECH": "NO_COMMON_MECH MECH_LIST_EMPTY BARE_TOKEN_EXPECTED",  # NEG-09
    "ERR_REJECTED": "PEER_REJECTED",
    "ERR_POLICY": "POLICY_MIC_IMPOSSIBLE POLICY_FLAGS_MISSING POLICY_NOT_ANONYMOUS "
                  "POLICY_NO_FALLBACK",
    "ERR_LIMIT": "TOKEN_TOO_LONG MECH_TYPES_TOO_MANY STEPS_TOO_MANY",
    "ERR_USAGE": "CALL_OUT_OF_TURN CALL_BAD_ARGUMENT",
}
STATUS = {rule: status for status, rules in STATUS_OF.items() for rule in rules.split()}


class Failure(Exception):
    """A step that ends the negotiation.  `silent`: no reject goes out (D1)."""

    def __init__(self, rule, token=None, code=0, silent=False):
        super().__init__(rule)
        self.rule, self.token, self.code, self.silent = rule, token, code, silent


def canonical(oid, old_too):
    """Kerberos goes by two OIDs in both profiles, by a third in a reply with the quirk: NEG-49,
    NEG-56."""
    return KRB5 if oid == MS_KRB5 or old_too and oid == OLD_KRB5 else oid


@cache
def mech_flags(m, done):
    """What the double's query says.  INTEG and NEEDS_MIC stand only once it is complete."""
    flags = {"INTEG"} if done and m.integ else set()
    if m.anon == "yes" or m.anon == "late" and done:
        flags.add("ANON")
    return flags


def lacks_anonymity(s, st):
    return ("ANON" in s.required_flags and st.begun
            and "ANON" not in mech_flags(s.mechs[st.sel], st.done))


def need(s, st):
    return st.required and st.done and s.mechs[st.sel].integ


def side(s):
    return s.role


def other_side(s):
    return "acceptor" if s.role == "initiator" else "initiator"


def own_mic(s, st):
    return mic_text(s.mechs[st.sel], side(s), st.oids)


# ---- What both roles share -----------------------------------------------------------------------


def step(s, st, m):
    """One call of spnego_context_step."""
    if st.phase == "complete":  # D18, NEG-78
        return st, Verdict("ERR_USAGE", "CALL_OUT_OF_TURN", ANY_CODE, None, info_of(s, st))
    if st.phase == "failed":  # failure is sticky
        return st, Verdict(st.status, st.rule, ANY_CODE, None, None)
    if m.kind == "null":  # D18, LOG-25
        return st, Verdict("ERR_USAGE", "CALL_BAD_ARGUMENT", 0, None, None)
    before = st
    st = st._replace(bare=st.bare or "BARE" in s.options)
    try:
        if s.max_steps < 16:
            st = st._replace(steps=st.steps + 1)
            if st.steps > s.max_steps:  # D17, NEG-148
                raise Failure("STEPS_TOO_MANY")
        if m.octets is not None and len(m.octets) > s.max_token:  # D17, NEG-149
            raise Failure("TOKEN_TOO_LONG")
        st = st._replace(bare=is_bare(s, st, m))
        role = bare_step if st.bare else initiator_step if s.role == "initiator" else acceptor_step
        st, out, complete = role(s, st, m)
    except Failure as f:
        silent = f.silent or (
            s.role == "initiator" and (before.phase == "start" or m.state == COMPLETED
                                       and f.rule not in ("STEPS_TOO_MANY", "TOKEN_TOO_LONG")
                                       and m.kind == "resp"
                                       and reader_fault(s, before, m) is None))
        out = None if silent else resp(REJECT, token=f.token)
        if st.bare:  # D21: there is no reject but the mechanism's own
            out = None if f.silent or f.rule != "MECH_FAILED" else bare(f.token)
        # Failures are alike: one state for each reason keeps the automaton small.
        failed = START._replace(phase="failed", status=STATUS[f.rule], rule=f.rule)
        return failed, Verdict(STATUS[f.rule], f.rule, f.code, out, None)
    if complete:
        st = st._replace(phase="complete")
        return st, Verdict("COMPLETE", "NONE", 0, out, info_of(s, st))
    return st, Verdict("CONTINUE", "NONE", 0, out, None)


def info_of(s, st):
    if st.bare:
        return (s.mechs[st.sel].name, 1, 0, 1)
    first = canonical(s.mechs[st.sel].oid, False) == canonical(st.oids[0], False)
    return (s.mechs[st.sel].name, int(first), int(st.mic_sent and st.mic_ok), 0)


def reader_fault(s, st, m):
    """The rule that the reader refuses m with, or None (D19)."""
    if m.fault is None:
        return None
    tolerated = {
        "TRAILING": s.role == "acceptor" and st.phase == "start",
        "FRAMED_RESP": s.role == "acceptor",
    }
    if m.unless in s.tolerate and tolerated[m.unless]:
        return None
    return m.fault


def without_echo(s, st, m):
    """D9, SPN-51: a mechListMIC that repeats the token."""
    if ("MIC_ECHOES_TOKEN" in s.quirks and not st.required and m.mic and m.token == m.mic):
        return m._replace(mic=None)
    return m


def peer_rejects(s, st, m, same_mech):
    """D6, NEG-53: the mechanism may read its error out of the token; it changes nothing."""
    code = 0
    if m.token and st.begun and not st.done and same_mech:
        code = mech_step(s.mechs[st.sel], st.leg, m.token).code
    return Failure("PEER_REJECTED", code=code, silent=True)


def run_mech(s, st, token, first):
    """Steps the chosen mechanism; returns the state and its token.  D10: what is checked before any
    MIC.  `first`: an initiator's mechanism begins here.

    The token is None where none is sent, and empty where the mechanism writes nothing but the peer
    has to be told that it stepped: with CONTINUE, and in an initiator's first step (D3, NEG-147,
    RFC 7546 3.2)."""
    st, token = only_run_mech(s, st, token, first)
    return check_flags(s, st), token


def only_run_mech(s, st, token, first):
    m = s.mechs[st.sel]
    result = mech_step(m, st.leg, token)
    st = st._replace(begun=True, leg=result.leg, done=result.result == "COMPLETE")
    if result.result == "UNAVAILABLE":  # D5, D13 where another can still be chosen
        raise Failure("MECH_GONE", silent=lacks_anonymity(s, st))
    if result.result == "FAILED":
        raise Failure("MECH_FAILED", result.token, result.code, silent=lacks_anonymity(s, st))
    token = result.token
    if token is None and (first or not st.done):
        if not m.says_empty:
            raise Failure("MECH_SAYS_NOTHING", silent=lacks_anonymity(s, st))
        token = b""
    return st, token


def check_flags(s, st):
    """D16, D15, in this order, before any MIC is looked at; of a complete mechanism."""
    m = s.mechs[st.sel]
    if not st.done:
        return st
    if s.required_flags - mech_flags(m, True):
        raise Failure("POLICY_FLAGS_MISSING", silent=lacks_anonymity(s, st))
    if not m.integ and "REQUIRE_MIC" in s.options:
        raise Failure("POLICY_MIC_IMPOSSIBLE")
    if not m.integ and m.needs_mic:
        raise Failure("MECH_NEEDS_MIC_IT_LACKS")
    return st._replace(required=st.required or m.needs_mic)


def check_may_send(s, st):
    """D16, of a mechanism that is not complete: what it must not do is send."""
    if lacks_anonymity(s, st):
        raise Failure("POLICY_NOT_ANONYMOUS", silent=True)


def check_mic(s, st, m):
    """D10, NEG-117 to NEG-119: the peer's MIC beside or after the last token."""
    if m.mic is None:
        return st
    if not st.done:
        raise Failure("MIC_TOO_EARLY", silent=lacks_anonymity(s, st))
    if st.mic_ok:
        raise Failure("MIC_REPEATED")
    if not s.mechs[st.sel].integ:
        raise Failure("MIC_WITHOUT_INTEGRITY")
    if st.mic_sent and m.mic == own_mic(s, st):
        raise Failure("MIC_REFLECTED")
    if m.mic != mic_text(s.mechs[st.sel], other_side(s), st.oids):
        raise Failure("MIC_WRONG")
    return st._replace(mic_ok=True, required=True)


def take_token(s, st, m):
    """The responseToken for a mechanism that has begun, or is the acceptor's to begin (D4, NEG-61,
    NEG-62, NEG-73, NEG-74)."""
    if st.done:
        if m.token or m.token == b"" and "EMPTY_TOKEN_AT_END" not in s.quirks:
            raise Failure("RESPONSE_TOKEN_SURPLUS")
        return st, None
    token = m.token or b""
    if not token and not s.mechs[st.sel].says_empty:
        raise Failure("RESPONSE_TOKEN_MISSING")
    return run_mech(s, st, token, False)


# ---- Initiator -----------------------------------------------------------------------------------


def initiator_step(s, st, m):
    if st.phase == "start":
        return initiator_start(s, st, m)
    if m.kind in ("absent", "empty"):  # D20
        raise Failure("TOKEN_EMPTY")
    fault = reader_fault(s, st, m)
    if fault is not None:
        raise Failure(fault)
    if m.kind != "resp":  # NEG-51, LOG-23
        raise Failure("INIT_TO_INITIATOR")
    if st.phase == "first":
        return initiator_first_reply(s, st, m)
    return initiator_later_reply(s, st, m)


def initiator_start(s, st, m):
    """D2, NEG-20, NEG-23 to NEG-28."""
    if m.kind not in ("absent", "empty"):
        fault = reader_fault(s, st, m)
        if fault is not None:
            raise Failure(fault)
        if m.kind == "resp":
            raise Failure("RESP_BEFORE_INIT")
        if m.kind == "init" or "TAKE_HINTS" not in s.quirks:  # NEG-24, NEG-137
            raise Failure("INIT_TO_INITIATOR")
    st = st._replace(phase="first", required="REQUIRE_MIC" in s.options)
    skipped = set()
    token = None
    for index, mechanism in enumerate(s.mechs):
        gone = not mechanism.available
        if not gone and "NO_OPTIMISTIC_TOKEN" not in s.options:
            gone = mechanism.begins == "unavailable"
        if gone:
            if "NO_FALLBACK" in s.options:
                raise Failure("POLICY_NO_FALLBACK")
            skipped.add(index)
            continue
        st = st._replace(sel=index)
        break
    else:
        raise Failure("MECH_LIST_EMPTY")
    # NEG-91: the list is what is left, and that is what MICs cover; RFC 4178 6: attributes last.
    oids = [x.oid for i, x in enumerate(s.mechs) if i not in skipped and x.available]
    st = st._replace(oids=tuple(oids) + ((ATTRIBUTE,) if s.attributes else ()))
    if "NO_OPTIMISTIC_TOKEN" not in s.options:
        st, token = run_mech(s, st, None, True)
        if not st.done:
            check_may_send(s, st)
    mic = None
    if need(s, st):  # NEG-105
        mic = own_mic(s, st)
        st = st._replace(mic_sent=True)
    return st, init(st.oids, token, mic), False


def offered(s, st, oid):
    """Index of the mechanism that supportedMech names, or None (NEG-55, NEG-57)."""
    old_too = "OLD_KRB5_OID" in s.quirks
    for index, mechanism in enumerate(s.mechs):
        if mechanism.oid in st.oids and canonical(oid, old_too) == canonical(mechanism.oid, False):
            return index
    return None


def initiator_first_reply(s, st, m):
    """D5.  A mechanism that has begun has sent its optimistic token, be it the empty one."""
    named = None if m.mech is None else offered(s, st, m.mech)
    if m.state == REJECT:
        raise peer_rejects(s, st, m, m.mech is None or named == st.sel)
    if m.state is None and "MISSING_NEG_STATE" not in s.quirks:
        raise Failure("REPLY_FIRST_NEEDS_NEGSTATE")
    if m.mech is None:
        # NEG-54: it answers the optimistic token, or says that this was enough.
        meant = st.begun and (m.token or st.done and m.state == COMPLETED)
        if not ("MISSING_SUPPORTED_MECH" in s.quirks and meant):
            raise Failure("SUPPORTED_MECH_MISSING")
        named = st.sel
    if named is None:
        raise Failure("SUPPORTED_MECH_NOT_OFFERED")
    st = st._replace(phase="later")
    if named != st.sel:
        return initiator_reselected(s, st, m, named)
    if m.state == REQUEST_MIC:  # LOG-04: for the first mechanism as well
        st = st._replace(required=True)
    m = without_echo(s, st, m)
    if not st.begun:
        if m.token:
            raise Failure("RESPONSE_TOKEN_SURPLUS")
        if m.mic is not None:  # RFC 4178 5: nobody signs before leg 1 was sent
            raise Failure("MIC_TOO_EARLY")
        st, token = run_mech(s, st, None, True)
    else:
        st, token = take_token(s, st, m)
    return initiator_answer(s, st, m, token)


def initiator_reselected(s, st, m, named):
    """D5, NEG-58 to NEG-60, LOG-01, LOG-03."""
    if "NO_FALLBACK" in s.options:
        raise Failure("POLICY_NO_FALLBACK")
    if m.state != REQUEST_MIC:
        if m.state != INCOMPLETE or "RESELECT_WITHOUT_REQUEST_MIC" not in s.quirks:
            raise Failure("RESELECTED_UNPROTECTED")
        st = st._replace(unprotected=True)
    if m.token:
        raise Failure("RESELECTED_WITH_TOKEN")
    if m.mic is not None:
        raise Failure("MIC_TOO_EARLY")
    # A MIC that went out beside the optimistic token was the other mechanism's.
    st = st._replace(sel=named, leg=0, begun=False, done=False, required=True, mic_sent=False)
    st, token = run_mech(s, st, None, True)
    return initiator_answer(s, st, m, token)


def initiator_later_reply(s, st, m):
    """D7, NEG-65, NEG-66, NEG-70; NEG-53: another mechanism's token is not for this one."""
    if m.state == REJECT:
        raise peer_rejects(s, st, m, m.mech is None or offered(s, st, m.mech) == st.sel)
    if m.state == REQUEST_MIC:
        raise Failure("REQUEST_MIC_LATE")
    if m.mech is not None:
        if offered(s, st, m.mech) != st.sel:
            raise Failure("SUPPORTED_MECH_CHANGED")
        if "REPEATED_SUPPORTED_MECH" not in s.quirks:
            raise Failure("SUPPORTED_MECH_REPEATED")
    m = without_echo(s, st, m)
    st, token = take_token(s, st, m)
    return initiator_answer(s, st, m, token)


def initiator_answer(s, st, m, token):
    """D12; before it, in D10's order, what is wrong with the peer's token."""
    st = check_mic(s, st, m)
    if m.state == COMPLETED and (not st.done or token is not None):  # D11, NEG-64, NEG-68
        raise Failure("COMPLETED_TOO_EARLY", silent=lacks_anonymity(s, st))
    if not st.done:
        check_may_send(s, st)
        return st, resp(INCOMPLETE, token=token), False
    # Ours goes out beside the last token and not otherwise: without it the acceptor sent the last.
    if st.unprotected and (not s.mechs[st.sel].integ or not st.mic_sent and token is None):
        raise Failure("RESELECTED_UNPROTECTED")
    if token is not None:
        # RFC 4178 5(c), NEG-103, NEG-106: the acceptor's accept-completed is still to come.
        mic = None
        if need(s, st):
            mic = own_mic(s, st)
            st = st._replace(mic_sent=True)
        return st, resp(INCOMPLETE, token=token, mic=mic), False
    if need(s, st):
        if not st.mic_ok:  # RFC 4178 5(b)IV, NEG-102
            raise Failure("MIC_MISSING")
        if not st.mic_sent:  # RFC 4178 5(b)I, NEG-98
            if m.state == COMPLETED:  # D11
                raise Failure("COMPLETED_TOO_EARLY")
            mic = own_mic(s, st)
            return st._replace(mic_sent=True), resp(COMPLETED, mic=mic), True
    elif m.state == REQUEST_MIC:  # no integrity: NEG-80
        return st, resp(COMPLETED), True
    if m.state in (INCOMPLETE, REQUEST_MIC):  # D12, NEG-120
        if "INCOMPLETE_AT_END" not in s.quirks:
            raise Failure("INCOMPLETE_AT_END")
        return st, resp(COMPLETED), True
    return st, None, True


# ---- Acceptor ------------------------------------------------------------------------------------


def acceptor_step(s, st, m):
    if m.kind in ("absent", "empty"):  # D8, NEG-135
        if st.phase == "start" and not st.hinted and "SEND_HINTS" in s.quirks:
            hints = init2(x.oid for x in s.mechs if x.available)
            return st._replace(hinted=True), hints, False
        raise Failure("TOKEN_EMPTY")
    fault = reader_fault(s, st, m)
    if fault is not None:
        raise Failure(fault)
    if st.phase == "start":
        if m.kind == "resp":  # LOG-24
            raise Failure("RESP_BEFORE_INIT")
        if m.kind == "init2":
            raise Failure("INIT2_TO_ACCEPTOR")
        return acceptor_init(s, st, m)
    if m.kind != "resp":  # NEG-72
        raise Failure("INIT_REPEATED")
    if m.state == REJECT:
        raise peer_rejects(s, st, m, True)
    if m.mech is not None:  # NEG-67
        raise Failure("SUPPORTED_MECH_TO_ACCEPTOR")
    if m.state == REQUEST_MIC:  # NEG-65
        raise Failure("REQUEST_MIC_TO_ACCEPTOR")
    m = without_echo(s, st, m)
    st, token = take_token(s, st, m)
    return acceptor_answer(s, st, m, token, None)


def own_mech_of(s, oid):
    for index, mechanism in enumerate(s.mechs):
        if canonical(mechanism.oid, False) == canonical(oid, False):
            return index
    return None


def choose(s, oids, tried):
    """D13, NEG-34, NEG-35: (index of ours, OID as offered), or None."""
    usable = [i for i, x in enumerate(s.mechs)
              if x.available and not x.declined and i not in tried]
    pairs = [(own_mech_of(s, oid), oid) for oid in oids]
    pairs = [(i, oid) for i, oid in pairs if i in usable]
    if "OWN_ORDER" in s.options:
        pairs.sort(key=lambda pair: pair[0])  # stable: among aliases the initiator's order
    return pairs[0] if pairs else None


def request_mic_due(s, index, oids):
    """D13, NEG-36 to NEG-38."""
    if own_mech_of(s, oids[0]) != index or "REQUIRE_MIC" in s.options:
        return True
    favourite = next(i for i, x in enumerate(s.mechs) if x.available)
    if index != favourite:
        return True
    return s.attributes and not s.mechs[index].attribute


def acceptor_init(s, st, m):
    if len(m.oids) > s.max_mechs:  # D17
        raise Failure("MECH_TYPES_TOO_MANY")
    if SPNEGO in m.oids:  # D8, SPN-26
        raise Failure("MECH_TYPES_HAVE_SPNEGO")
    st = st._replace(phase="later", oids=m.oids, required="REQUIRE_MIC" in s.options)
    tried = set()
    while True:
        choice = choose(s, m.oids, tried)
        if choice is None:  # NEG-32
            raise Failure("NO_COMMON_MECH")
        index, oid = choice
        due = request_mic_due(s, index, m.oids)
        now = st._replace(sel=index, required=st.required or due)
        answer = resp(REQUEST_MIC if due else INCOMPLETE, oid)
        if own_mech_of(s, m.oids[0]) != index:  # NEG-43: token and MIC were another mechanism's
            return now, answer, False
        if m.token is None or m.token == b"" and not s.mechs[index].says_empty:  # NEG-44
            if m.mic is not None:
                raise Failure("MIC_TOO_EARLY")
            return now, answer, False
        result = mech_step(s.mechs[index], 0, m.token).result
        if result == "UNAVAILABLE" or result == "FAILED" and "TRY_NEXT_MECH" in s.options:  # NEG-48
            tried.add(index)
            continue
        echoless = without_echo(s, now, m)
        now, token = run_mech(s, now, m.token, False)
        return acceptor_answer(s, now, echoless, token, (oid, due))


def acceptor_answer(s, st, m, token, first):
    """D14.  `first` is (supportedMech, request-mic is due) if this answers the NegTokenInit."""
    oid, due = first if first is not None else (None, False)
    st = check_mic(s, st, m)
    if not st.done:
        if m.state == COMPLETED:  # D11, LOG-18
            raise Failure("COMPLETED_TOO_EARLY", silent=lacks_anonymity(s, st))
        check_may_send(s, st)
        return st, resp(REQUEST_MIC if due else INCOMPLETE, oid, token), False
    if st.mic_sent:  # RFC 4178 5(b)I, 5(c)IV: ours went out before
        if not st.mic_ok:  # NEG-114
            raise Failure("MIC_MISSING")
        if m.state == COMPLETED:
            return st, None, True
        if "ANSWER_LAST_MIC" in s.quirks:  # NEG-115
            return st, resp(COMPLETED), True
        if m.state == INCOMPLETE:
            raise Failure("INCOMPLETE_AT_END")
        return st, None, True
    if need(s, st):
        if m.state == COMPLETED and (token is not None or st.mic_ok):  # D11
            raise Failure("COMPLETED_TOO_EARLY")
        mic = own_mic(s, st)
        if st.mic_ok:  # RFC 4178 5(c)I, NEG-107
            return st._replace(mic_sent=True), resp(COMPLETED, oid, token, mic), True
        if first is None and token is None:  # RFC 4178 5(c)V, NEG-114
            raise Failure("MIC_MISSING")
        # RFC 4178 5(b), 5(c)IV: NEG-97, NEG-111
        state = REQUEST_MIC if first is not None else INCOMPLETE
        return st._replace(mic_sent=True), resp(state, oid, token, mic), False
    if m.state == COMPLETED:
        if token is not None:  # D11
            raise Failure("COMPLETED_TOO_EARLY")
        if first is None:
            return st, None, True
    return st, resp(COMPLETED, oid, token), True


# ---- Without SPNEGO (D21) ------------------------------------------------------------------------


def bare(octets):
    """A mechanism's own token, which is none of SPNEGO's; nothing goes out where it wrote nothing."""
    if not octets:
        return None
    fault = "FRAME_NOT_SPNEGO" if octets[0] == 0x60 else "TOKEN_NOT_SPNEGO"
    return Msg("bare", token=octets, octets=octets, fault=fault)


def contents(element):
    long_form = element[1] - 0x80 if element[1] > 0x80 else 0
    return element[2 + long_form:]


def name_in(octets):
    """Whose a first token is: SPNEGO, a mechanism's OID, or None where it does not say (RFC 2743
    3.1; MS-NLMP 2.2.1; RFC 4120 5.5.1 for an AP-REQ without a frame)."""
    if octets.startswith(SIGNATURE):
        return NTLM
    if octets[0] in (0xA0, 0xA1):  # RFC 4178 4.2
        return SPNEGO
    if octets[0] == 0x6E:
        return KRB5 if contents(octets)[:1] == b"\x30" else None
    if octets[0] != 0x60:
        return None
    oid = contents(octets)
    return oid[2:2 + oid[1]]


def is_bare(s, st, m):
    """By BARE from the beginning; by TAKE_BARE where an acceptor's first token is a mechanism's, hints or not
    (RFC 4559 4, MS-NNS 3.2.4.1).  As it began it goes on."""
    if st.phase != "start":
        return st.bare
    return st.bare or bool("TAKE_BARE" in s.options and s.role == "acceptor" and m.octets
                and name_in(m.octets) not in (None, SPNEGO))


def bare_choice(s, m):
    """An initiator takes the first of its list and no other; an acceptor the one that the token
    names, its own first where that names none."""
    if s.role == "initiator":
        if m.octets:  # LOOP-33
            raise Failure("BARE_TOKEN_TOO_EARLY")
        if not s.mechs[0].available or s.mechs[0].begins == "unavailable":
            raise Failure("MECH_LIST_EMPTY")
        return 0
    if not m.octets:  # there are no hints without SPNEGO
        raise Failure("TOKEN_EMPTY")
    name = name_in(m.octets)
    if name == SPNEGO:  # NEG-09
        raise Failure("BARE_TOKEN_EXPECTED")
    index = 0 if name is None else own_mech_of(s, name)
    if index is None or not s.mechs[index].available or s.mechs[index].declined:
        raise Failure("NO_COMMON_MECH")
    return index


def bare_step(s, st, m):
    """RFC 7546 3.2, 3.5: tokens go back and forth as they are until the mechanism is done.  There
    are no MICs, whatever the mechanism wants."""
    if st.phase == "start":
        st = st._replace(phase="later", sel=bare_choice(s, m))
        token = None if s.role == "initiator" else m.octets
        st, token = only_run_mech(s, st, token, s.role == "initiator")
    else:
        if not m.octets and not s.mechs[st.sel].says_empty:
            raise Failure("TOKEN_EMPTY")
        st, token = only_run_mech(s, st, m.octets or b"", False)
    if st.done and s.required_flags - mech_flags(s.mechs[st.sel], True):  # D16
        raise Failure("POLICY_FLAGS_MISSING")
    check_may_send(s, st)
    return st, bare(token), st.done


# ---- Alphabets -----------------------------------------------------------------------------------

# A symbol is words: for a NegTokenResp negState (C I R M or -), supportedMech (X Xm Xo Y Z S or -),
# responseToken and mechListMIC; for a NegTokenInit `init`, the list, mechToken and mechListMIC.
# Tokens: g the one that the mechanism waits for, b one it refuses, e empty, l a long one.
# MICs: g good, b one octet wrong, r the one of this side, q the token's octets, e empty, o over a
# list in another order.
BROKEN = ["absent", "empty", "garbage", "truncated", "state-4", "trailing", "framed", "bare-init",
          "init2", "own-init"]
# `bare`, whose it says that it is (X, Xm, Y, Z; 6e for a Kerberos message without a frame; - for
# what the mechanism waits for, or ours would begin with) and the token.  Only with the options of
# D21.
BARE = ["bare - g", "bare - b", "bare X g", "bare X b", "bare Xm g", "bare Y g", "bare Z g",
        "bare 6e b"]
# What an option BARE leaves worth trying of the others.
BESIDE_BARE = ["absent", "empty", "garbage", "truncated", "bare-init", "init2", "own-init", "long",
               "init X-Y g -", "I - g -", "C - - -", "R - - -"]
INITIATOR_SYMBOLS = """
C X g -,C X - -,I X g -,I X - -,M X g -,M X - -,M X g g,M X g b,I X g g,C X g g,M X - g,M X - b
C X - g,I X - g,C X e -,M X e g,I X g q,C X e e,M X g q
I Y - -,M Y - -,M Y g -,M Y - g,C Y - -,M Y e -,I Y e -,M Xm g -,I Xm g -,I Xo g -,M Z - -,I S - -
- - g -,- X g -,- Y - -,I - g -,M - g -,C - g -,- - e -
C - - g,C - - -,I - - g,- - - g,- - - -,C - g g,I - g g,- - g g,I - - -,M - - -,C - - b,I - g b
C - - r,I - - r,C - - o,C - e -,I - e -,C - e g,C - - e,C - e e,I - b -,C - b -,I - g q,C - g q
R - - -,R - b -,R X b -,R Y b -,R - g -,R X - g,init X-Y g -
"""
ACCEPTOR_SYMBOLS = """
init X-Y g -,init X-Y - -,init X-Y b -,init X-Y e -,init X-Y g g,init X-Y g b,init X-Y g q
init X-Y - g,init X-Y g r,init X-Y g e,init X-Y g o,init Y-X g -,init Y-X g g,init Y-X - -
init Y-X g b,init Z g -,init Z-X g -,init Z-X g g,init Z-Y - -,init Xm-X-Y g -,init Xm-X-Y g g
init Xm-X-Y b -,init Xo-Y g -,init X g -,init Y g -,init S-X g -,init many g -,init-trailing
I - g -,- - g -,C - g -,I - g g,C - g g,- - g g,I - g b,C - g b,- - - g,C - - g,I - - g,C - - b
C - - -,I - - -,- - - -,I - e -,C - e -,C - e g,- - e g,I - b -,C - e e,- - e e,I - g q,C - - r
C - - o,C - - e,- - - r,M - g -,M - - g,I X g -,I Y - -,- X - g,R - - -,R - b -,R - g -,R X b g
"""


def symbols_of(role):
    text = INITIATOR_SYMBOLS if role == "initiator" else ACCEPTOR_SYMBOLS
    return [x for line in text.strip().split("\n") for x in line.split(",")] + BROKEN + [
        "long", "null"] + BARE


def is_used(s, symbol):
    if symbol == "null":
        return s.null_input
    if symbol == "long" and s.max_token > 300:
        return False
    if "BARE" in s.options:
        return symbol in BARE + BESIDE_BARE
    return symbol not in BARE or "TAKE_BARE" in s.options


@cache
def mech_named(s, letter):
    """The setting's mechanism, or one like it that this side does not have."""
    oid = {"X": KRB5, "Xm": KRB5, "Xo": KRB5, "Y": NTLM}.get(letter, OTHER)
    for m in s.mechs:
        if m.oid == oid:
            return m
    return {KRB5: krb5(2), NTLM: ntlm(3)}.get(oid, mech("other", OTHER, 2))


OID_OF = {"X": KRB5, "Xm": MS_KRB5, "Xo": OLD_KRB5, "Y": NTLM, "S": SPNEGO}


def oid_of(s, letter):
    if letter == "Z":
        return ATTRIBUTE if s.attributes and s.role == "initiator" else OTHER
    return OID_OF[letter]


def token_for(word, m, leg):
    if word == "g":
        return leg_text(m, leg)
    return {"-": None, "b": b"not a leg of " + m.name.encode(), "e": b"",
            "l": b"l" * 300}[word]


def mic_for(word, m, s, oids, token):
    if word in ("-", "e", "q"):
        return {"-": None, "e": b"", "q": token}[word]
    if word == "r":
        return mic_text(m, side(s), oids)
    good = mic_text(m, other_side(s), oids[::-1] + oids[:1] if word == "o" else oids)
    return good[:-1] + b"?" if word == "b" else good


def bare_octets(s, st, letter, word):
    if letter == "6e":
        return bytes.fromhex("6e023000")
    if letter == "-":
        m, leg = (s.mechs[0], 1) if st.sel is None else (s.mechs[st.sel], st.leg + 1)
        return token_for(word, m, leg)
    m = mech_named(s, letter)
    text = leg_text(m._replace(named=False), 1) if word == "g" else token_for(word, m, 1)
    return with_name(oid_of(s, letter), 1, text)


def concrete(s, st, symbol):
    """The token that a symbol stands for in a state."""
    if symbol == "absent":
        return ABSENT
    if symbol == "empty":
        return EMPTY
    if symbol == "null":
        return NULL_WITH_LENGTH
    raw = {"garbage": ("ff00", "TOKEN_NOT_SPNEGO"), "truncated": ("a1073005a0030a01",
                                                                 "DER_TRUNCATED"),
           "state-4": ("a1073005a0030a0104", "NEG_STATE_UNKNOWN")}
    if symbol in raw:
        octets, fault = raw[symbol]
        return Msg("resp", fault=fault, octets=bytes.fromhex(octets))
    if symbol == "bare-init":
        m = concrete(s, st, "init X-Y g -")
        inner = m.octets[m.octets.index(SPNEGO) + len(SPNEGO):]
        return m._replace(fault="FRAME_MISSING", octets=inner)
    if symbol == "init2":
        return init2((NTLM, KRB5))
    if symbol == "own-init":  # LOG-23: reflected
        return init(st.oids or (KRB5, NTLM), leg_text(mech_named(s, "X"), 1))
    if symbol == "framed":
        m = concrete(s, st, "I - g -")
        return m._replace(fault="FRAME_ON_RESPONSE", unless="FRAMED_RESP",
                          octets=tlv(0x60, tlv(6, SPNEGO) + m.octets))
    if symbol in ("trailing", "init-trailing"):
        m = concrete(s, st, "I - g -" if symbol == "trailing" else "init X-Y g -")
        return m._replace(fault="TOKEN_TRAILING_BYTES", unless="TRAILING",
                          octets=m.octets + b"\0")
    words = ["I", "-", "l", "-"] if symbol == "long" else symbol.split()
    if words[0] == "bare":
        return bare(bare_octets(s, st, *words[1:])) or EMPTY
    if words[0] == "init":
        many = words[1] == "many"
        letters = ["X"] if many else words[1].split("-")
        oids = tuple(oid_of(s, x) for x in letters) * (33 if many else 1)
        m = mech_named(s, letters[0])
        token = token_for(words[2], m, 1)
        return init(oids, token, mic_for(words[3], m, s, oids, token))
    # What the mechanism waits for; before anything is chosen, what it would.
    m, leg = mech_named(s, "X"), 2
    if st.sel is not None:
        m, leg = s.mechs[st.sel], st.leg + 1
    if s.role == "initiator" and leg == 1:
        leg = 2
    if st.phase == "first" and words[1] == "Y":
        m, leg = mech_named(s, "Y"), 2
    token = token_for(words[2], m, leg)
    oids = st.oids or (KRB5, NTLM)
    mic = mic_for(words[3], m, s, oids, token)
    state = {"C": COMPLETED, "I": INCOMPLETE, "R": REJECT, "M": REQUEST_MIC, "-": None}[words[0]]
    return resp(state, None if words[1] == "-" else oid_of(s, words[1]), token, mic)


# ---- Settings ------------------------------------------------------------------------------------

PROFILES = ("strict", "interoperable")
QUIRKS_OF = {"initiator": set(QUIRKS) - {"ANSWER_LAST_MIC", "SEND_HINTS"},
             "acceptor": {"MIC_ECHOES_TOKEN", "EMPTY_TOKEN_AT_END", "ANSWER_LAST_MIC",
                          "SEND_HINTS"}}


def quirk_settings(role, variants):
    """Each quirk alone, and all but it."""
    for quirk, (label, mechs, more) in itertools.product(sorted(QUIRKS_OF[role]), variants):
        yield setting(f"only {quirk}, {label}", role, mechs, "strict", quirks=[quirk], **more)
        yield setting(f"not {quirk}, {label}", role, mechs, "interoperable",
                      quirks=set(QUIRKS) - {quirk}, **more)


def bare_settings(role):
    """D21.  Whose tokens say who they are, and whose do not."""
    def bare_setting(name, mechs, **more):
        return setting("BARE, " + name, role, mechs, "interoperable", options=["BARE"], **more)

    for n in range(1, 6):
        yield bare_setting(f"{n} legs", [krb5(n), ntlm(3)])
        yield bare_setting(f"{n} named legs", [ntlm(n, named=True), krb5(2, named=True)])
    yield bare_setting("needs a MIC", [krb5(2, needs_mic=True), ntlm(3)])
    yield bare_setting("needs a MIC without integrity", [krb5(3, integ=False, needs_mic=True)])
    yield bare_setting("first without credential", [krb5(2, available=False), ntlm(3, named=True)])
    yield bare_setting("first UNAVAILABLE", [krb5(2, begins="unavailable"), ntlm(3, named=True)])
    yield bare_setting("first FAILED", [krb5(2, begins="failed"), ntlm(3, begins="failed")])
    yield bare_setting("first declined", [krb5(2, declined=True), ntlm(3, named=True)])
    for n in (1, 2, 3):
        yield bare_setting(f"INTEG required, {n} legs", [krb5(n, integ=False)],
                           required_flags=["INTEG"])
        for anon in ("no", "late", "yes"):
            yield bare_setting(f"ANON required, {anon}, {n} legs", [krb5(n, anon=anon)],
                               required_flags=["ANON"])
    yield bare_setting("ANON required, FAILED", [krb5(2, anon="late", begins="failed")],
                       required_flags=["ANON"])
    yield bare_setting("two steps", [krb5(5)], max_steps=2)
    yield bare_setting("short tokens", [krb5(3)], max_token=250)
    for n, empty in ((3, [1]), (3, [2]), (4, [3]), (2, [2]), (3, [3]), (1, [1]), (5, [1, 2, 3, 4])):
        yield bare_setting(f"{n} legs, empty {empty}", [krb5(n, empty=empty, says_empty=True)])
        yield bare_setting(f"{n} legs, mute {empty}", [krb5(n, empty=empty)])
    yield bare_setting("NULL with a length", [krb5(2)], null_input=True)


def take_bare_settings():
    for profile in PROFILES:
        for n in (2, 3):
            yield setting(f"TAKE_BARE, {n} legs, {profile}", "acceptor",
                          [krb5(n, named=True), ntlm(3, named=True)], profile,
                          options=["TAKE_BARE"])
    yield setting("TAKE_BARE, short tokens", "acceptor", [ntlm(1, named=True)], "strict",
                  options=["TAKE_BARE"], max_token=250)
    yield setting("TAKE_BARE, TRY_NEXT_MECH", "acceptor",
                  [krb5(2, named=True, begins="failed"), ntlm(1, named=True)], "strict",
                  options=["TAKE_BARE", "TRY_NEXT_MECH"])


def initiator_settings():
    def both(name, mechs, **more):
        for profile in PROFILES:
            yield setting(f"{name}, {profile}", "initiator", mechs, profile, **more)

    for n, integ in itertools.product(range(1, 6), (True, False)):
        label = f"{n} legs" + ("" if integ else ", no integrity")
        pair = [krb5(n, integ=integ), ntlm(3, integ=integ)]
        yield from both(label, pair)
        if n <= 3:
            yield from both(label + ", REQUIRE_MIC", pair, options=["REQUIRE_MIC"])
            yield from both(label + ", NO_OPTIMISTIC_TOKEN", pair, options=["NO_OPTIMISTIC_TOKEN"])
            needy = [krb5(n, integ=integ, needs_mic=True), ntlm(2)]
            yield from both(label + ", NEEDS_MIC", needy)
    for n, integ in itertools.product((1, 2, 4, 5), (True, False)):
        yield from both(f"second of {n} legs, integrity {int(integ)}",
                        [krb5(2), ntlm(n, integ=integ)])
    yield from both("second REQUIRE_MIC after a first of one leg", [krb5(1), ntlm(1)],
                    options=["REQUIRE_MIC"])
    yield from both("REQUIRE_MIC, NO_OPTIMISTIC_TOKEN", [krb5(1), ntlm(3)],
                    options=["REQUIRE_MIC", "NO_OPTIMISTIC_TOKEN"])
    yield from both("NO_FALLBACK", [krb5(2), ntlm(3)], options=["NO_FALLBACK"])
    yield from both("NO_FALLBACK, first unavailable", [krb5(2, available=False), ntlm(3)],
                    options=["NO_FALLBACK"])
    yield from both("first without credential", [krb5(2, available=False), ntlm(3)])
    yield from both("first UNAVAILABLE", [krb5(2, begins="unavailable"), ntlm(3)])
    yield from both("first UNAVAILABLE, NO_FALLBACK", [krb5(2, begins="unavailable"), ntlm(3)],
                    options=["NO_FALLBACK"])
    yield from both("first UNAVAILABLE, NO_OPTIMISTIC_TOKEN",
                    [krb5(2, begins="unavailable"), ntlm(3)], options=["NO_OPTIMISTIC_TOKEN"])
    yield from both("first FAILED", [krb5(2, begins="failed"), ntlm(3)])
    yield from both("second UNAVAILABLE", [krb5(2), ntlm(3, begins="unavailable")])
    yield from both("second FAILED", [krb5(2), ntlm(3, begins="failed")])
    yield from both("none left", [krb5(2, available=False), ntlm(3, begins="unavailable")])
    yield from both("only Kerberos", [krb5(2)])
    for n in (1, 2, 3):
        yield from both(f"INTEG required, {n} legs", [krb5(n, integ=False), ntlm(3)],
                        required_flags=["INTEG"])
        for anon in ("no", "late", "yes"):
            yield from both(f"ANON required, {anon}, {n} legs",
                            [krb5(n, anon=anon), ntlm(3, anon="yes")], required_flags=["ANON"])
    yield from both("ANON required, NO_OPTIMISTIC_TOKEN", [krb5(2), ntlm(2, anon="yes")],
                    required_flags=["ANON"], options=["NO_OPTIMISTIC_TOKEN"])
    yield from both("two steps", [krb5(5), ntlm(3)], max_steps=2)
    yield from both("short tokens", [krb5(3), ntlm(3)], max_token=250)
    yield from both("empty leg 2", [krb5(4, empty=[2], says_empty=True), ntlm(3)])
    yield from both("empty leg 3", [krb5(5, empty=[3], says_empty=True), ntlm(3)])
    yield from both("empty leg 1", [krb5(3, empty=[1], says_empty=True), ntlm(3)])
    yield from both("empty last leg", [krb5(3, empty=[3], says_empty=True), ntlm(3)])
    yield from both("empty only leg", [krb5(1, empty=[1], says_empty=True), ntlm(3)])
    yield from both("empty last leg of the peer", [krb5(2, empty=[2], says_empty=True), ntlm(3)])
    yield from both("empty legs", [krb5(5, empty=[1, 2, 3, 4], says_empty=True), ntlm(3)])
    yield from both("empty leg 1, NO_OPTIMISTIC_TOKEN",
                    [krb5(3, empty=[1], says_empty=True), ntlm(3)],
                    options=["NO_OPTIMISTIC_TOKEN"])
    yield from both("empty only leg, REQUIRE_MIC",
                    [krb5(1, empty=[1], says_empty=True), ntlm(3)], options=["REQUIRE_MIC"])
    yield from both("second with an empty leg 1",
                    [krb5(2), ntlm(3, empty=[1], says_empty=True)])
    yield from both("second with an empty only leg",
                    [krb5(2), ntlm(1, empty=[1], says_empty=True)])
    yield from both("empty leg 1, ANON required",
                    [krb5(3, empty=[1], says_empty=True), ntlm(3)], required_flags=["ANON"])
    yield from both("mute at leg 1", [krb5(3, empty=[1]), ntlm(3)])
    yield from both("mute at leg 3", [krb5(5, empty=[3]), ntlm(3)])
    yield from both("second mute at leg 1", [krb5(2), ntlm(3, empty=[1])])
    yield from both("MICs of no direction", [krb5(3, one_way=True), ntlm(2, one_way=True)])
    yield from both("MICs of no direction, REQUIRE_MIC", [krb5(1, one_way=True), ntlm(2)],
                    options=["REQUIRE_MIC"])
    yield from both("attributes", [krb5(3), ntlm(2)], attributes=True)
    yield from both("NULL with a length", [krb5(2), ntlm(3)], null_input=True)
    yield from bare_settings("initiator")
    yield from quirk_settings("initiator", [
        ("2 legs", [krb5(2), ntlm(3)], {}), ("1 leg", [krb5(1), ntlm(2)], {}),
        ("3 legs, no integrity", [krb5(3, integ=False), ntlm(3, integ=False)], {})])


def acceptor_settings():
    def both(name, mechs, **more):
        for profile in PROFILES:
            yield setting(f"{name}, {profile}", "acceptor", mechs, profile, **more)

    for n, integ in itertools.product(range(1, 6), (True, False)):
        label = f"{n} legs" + ("" if integ else ", no integrity")
        x, y = krb5(n, integ=integ), ntlm(3, integ=integ)
        yield from both(label, [x, y])
        yield from both(label + ", favourite ntlm", [y, x])
        if n <= 3:
            yield from both(label + ", REQUIRE_MIC", [x, y], options=["REQUIRE_MIC"])
            yield from both(label + ", NEEDS_MIC",
                            [krb5(n, integ=integ, needs_mic=True), ntlm(2)])
    for n in (1, 2, 4):
        yield from both(f"OWN_ORDER, ntlm of {n} legs", [ntlm(n), krb5(2)], options=["OWN_ORDER"])
        yield from both(f"OWN_ORDER, krb5 before ntlm of {n} legs", [krb5(n), ntlm(n)],
                        options=["OWN_ORDER"])
    yield from both("REQUIRE_MIC, NEEDS_MIC", [krb5(2, integ=False, needs_mic=True), ntlm(1)],
                    options=["REQUIRE_MIC"])
    for options in ([], ["TRY_NEXT_MECH"], ["TRY_NEXT_MECH", "OWN_ORDER"]):
        label = " ".join(options) or "no option"
        yield from both(f"{label}, 2 legs", [krb5(2), ntlm(2)], options=options)
        yield from both(f"{label}, first UNAVAILABLE", [krb5(2, begins="unavailable"), ntlm(3)],
                        options=options)
        yield from both(f"{label}, second UNAVAILABLE", [krb5(2), ntlm(3, begins="unavailable")],
                        options=options)
        yield from both(f"{label}, first FAILED", [krb5(2, begins="failed"), ntlm(1)],
                        options=options)
    yield from both("first without credential", [krb5(2, available=False), ntlm(2)])
    yield from both("first declined", [krb5(2, declined=True), ntlm(2)])
    yield from both("only Kerberos, 2 legs", [krb5(2)])
    yield from both("only ntlm, 1 leg", [ntlm(1)])
    yield from both("only ntlm, 3 legs", [ntlm(3)])
    for has in (True, False):
        yield from both(f"attributes, {int(has)}",
                        [krb5(1, attribute=has), ntlm(2, attribute=True)], attributes=True)
    for n in (1, 2, 3):
        yield from both(f"INTEG required, {n} legs", [krb5(n, integ=False), ntlm(3)],
                        required_flags=["INTEG"])
        for anon in ("no", "late", "yes"):
            yield from both(f"ANON required, {anon}, {n} legs",
                            [krb5(n, anon=anon), ntlm(3, anon="yes")], required_flags=["ANON"])
    yield from both("two steps", [krb5(5), ntlm(3)], max_steps=2)
    yield from both("short tokens", [krb5(3), ntlm(3)], max_token=250)
    yield from both("empty leg 2", [krb5(3, empty=[2], says_empty=True), ntlm(3)])
    yield from both("empty leg 3", [krb5(5, empty=[3], says_empty=True), ntlm(3)])
    yield from both("empty leg 1", [krb5(3, empty=[1], says_empty=True), ntlm(3)])
    yield from both("empty last leg", [krb5(2, empty=[2], says_empty=True), ntlm(3)])
    yield from both("empty only leg", [krb5(1, empty=[1], says_empty=True), ntlm(3)])
    yield from both("empty last leg of the peer", [krb5(3, empty=[3], says_empty=True), ntlm(3)])
    yield from both("empty legs", [krb5(5, empty=[1, 2, 3, 4], says_empty=True), ntlm(3)])
    yield from both("empty leg 2, REQUIRE_MIC", [krb5(3, empty=[2], says_empty=True), ntlm(3)],
                    options=["REQUIRE_MIC"])
    yield from both("empty last leg, REQUIRE_MIC", [krb5(2, empty=[2], says_empty=True), ntlm(3)],
                    options=["REQUIRE_MIC"])
    yield from both("favourite ntlm with an empty leg 1",
                    [ntlm(3, empty=[1], says_empty=True), krb5(2)])
    yield from both("empty leg 2, ANON required",
                    [krb5(3, empty=[2], says_empty=True), ntlm(3)], required_flags=["ANON"])
    yield from both("mute at leg 2", [krb5(3, empty=[2]), ntlm(3)])
    yield from both("MICs of no direction", [krb5(2, one_way=True), ntlm(1, one_way=True)])
    yield from both("MICs of no direction, favourite ntlm",
                    [ntlm(1, one_way=True), krb5(2, one_way=True)])
    yield from both("NULL with a length", [ntlm(3), krb5(2)], null_input=True)
    yield from bare_settings("acceptor")
    yield from take_bare_settings()
    yield from quirk_settings("acceptor", [
        ("2 legs", [krb5(2), ntlm(3)], {}), ("favourite ntlm", [ntlm(3), krb5(2)], {}),
        ("1 leg, favourite ntlm", [ntlm(3), krb5(1)], {}),
        ("3 legs, no integrity", [krb5(3, integ=False), ntlm(1)], {})])


# ---- Automata ------------------------------------------------------------------------------------

# How many of the peer's tokens a sequence has at most; an initiator's first step is one more.
DEPTH = {"initiator": 5, "acceptor": 4}
SKIP = -1  # no such edge

Edge = namedtuple("Edge", "msg verdict to")


def automaton(s, symbols):
    """[states], {state: [Edge or None for each symbol]}: all that can be reached.  A final state
    has no edges: check_stays says what its steps give."""
    index = {START: 0}
    order = [START]
    edges = {}
    for st in order:
        edges[st] = row = []
        if is_final(st):
            check_stays(s, st)
            continue
        for symbol in symbols:
            if not is_used(s, symbol):
                row.append(None)
                continue
            msg = concrete(s, st, symbol)
            to, verdict = step(s, st, msg)
            if to not in index:
                index[to] = len(order)
                order.append(to)
            row.append(Edge(msg, verdict, to))
    return order, edges


def is_final(st):
    return st.phase in ("complete", "failed")


def check_stays(s, st):
    """NEG-78: the verdict after a final one is the same for any token, and has no output."""
    for m in (ABSENT, EMPTY, init2([KRB5]), resp(INCOMPLETE, token=b"")):
        to, verdict = step(s, st, m)
        demand(to == st and verdict.out is None and verdict == step(s, st, ABSENT)[1],
               "a final verdict is not final", [s.name])


def count_sequences(order, edges, depth):
    """Sequences that end with a final verdict or after `depth` tokens."""
    ways = {st: 1 for st in order}
    for _ in range(depth):
        ways = {st: 1 if is_final(st) else sum(ways[e.to] for e in edges[st] if e is not None)
                for st in order}
    return ways[START]


# ---- Invariants ----------------------------------------------------------------------------------

# What an onlooker saw on the wire: legs of the selected mechanism as bits, a reason for MICs, a
# good MIC of the peer, one of this side.  Taken from the tokens, not from the model's state.
Seen = namedtuple("Seen", "sel legs reason peer_mic own_mic")


def look(s, seen, st, edge):
    """`seen` after one more exchange that did not fail."""
    m, out, to = edge.msg, edge.verdict.out, edge.to
    sel, legs, reason, peer_mic, own_mic_seen = seen
    if to.sel is None:
        return seen
    mechanism = s.mechs[to.sel]
    if sel != to.sel:
        legs, peer_mic, own_mic_seen = 0, False, False
        reason = reason or sel is not None
    reason = reason or mechanism.needs_mic or "REQUIRE_MIC" in s.options
    texts = {leg_text(mechanism, k): k for k in range(1, mechanism.legs + 1)}
    for token in (m.token, out.token if out is not None else None):
        if token and token in texts:
            legs |= 1 << texts[token]
    if s.role == "initiator" and m.state == REQUEST_MIC:
        reason = True
    if s.role == "acceptor" and out is not None and out.state == REQUEST_MIC:
        reason = True
    if s.role == "acceptor" and not to.bare:
        best = [x for x in s.mechs if x.available][0]
        lacking = s.attributes and not mechanism.attribute
        if mechanism != best or lacking or mechanism.oid != canonical(to.oids[0], False):
            reason = True
    if m.mic is not None and m.mic == mic_text(mechanism, other_side(s), to.oids):
        peer_mic = reason = True
    if out is not None and out.mic == mic_text(mechanism, side(s), to.oids):
        own_mic_seen = True
    return Seen(to.sel, legs, reason, peer_mic, own_mic_seen)


def demand(condition, what, path):
    if not condition:
        raise SystemExit("model: %s: %s" % (what, " / ".join(path)))


def check_invariants(s, symbols, order, edges):
    """Over every path of any length: COMPLETE only with the mechanism complete and, where a MIC is
    required, one verified in each direction (RFC 4178 5, NEG-68); no requirement is taken back; a
    failure says reject or nothing; each step makes progress or ends it.  Returns how many paths
    end with COMPLETE."""
    begin = (START, Seen(None, 0, False, False, False))
    paths = {begin: (s.name,)}
    queue = [begin]
    completed = 0
    for at in queue:
        st, seen = at
        for symbol, edge in zip(symbols, edges[st]):
            if edge is None:
                continue
            path = paths[at] + (symbol,)
            to, verdict = edge.to, edge.verdict
            if verdict.rule == "CALL_BAD_ARGUMENT":
                demand(to == st, "a refused call changes something", path)
                continue
            if to.phase == "failed":
                own_error = verdict.rule == "MECH_FAILED" and (
                    "BARE" in s.options or st.bare or is_bare(s, st, edge.msg))
                demand(verdict.out is None or verdict.out.kind == ("bare" if own_error else "resp")
                       and (own_error or verdict.out.state == REJECT),
                       "a failure says something else than reject", path)
                follow = (to, begin[1])
            else:
                demand(not st.required or to.required, "a requirement is taken back", path)
                demand(to != st, "a step without progress", path)
                after = look(s, seen, st, edge)
                follow = (to, after)
                if to.phase == "complete":
                    completed += 1
                    check_completion(s, after, to.bare, path)
            if follow not in paths:
                paths[follow] = path
                queue.append(follow)
    check_ends(s, order, edges)
    return completed


def check_completion(s, seen, is_without_spnego, path):
    mechanism = s.mechs[seen.sel]
    legs = sum(1 << k for k in range(1, mechanism.legs + 1) if k not in mechanism.empty)
    demand(seen.legs == legs, "COMPLETE without the mechanism", path)
    if "REQUIRE_MIC" in s.options:
        demand(mechanism.integ, "COMPLETE against policy", path)
    if mechanism.integ and seen.reason and not is_without_spnego:
        demand(seen.peer_mic and seen.own_mic, "COMPLETE without both MICs", path)
    else:
        demand(not seen.own_mic, "a MIC that nobody asked for", path)
    if s.required_flags:
        demand(not s.required_flags - mech_flags(mechanism, True), "COMPLETE without a flag", path)


def check_ends(s, order, edges):
    """Without the self-loops of refused calls no state comes again: every negotiation ends."""
    height = {}
    for st in order:
        stack = [(st, iter(edges[st]))]
        open_states = {st}
        while stack and st not in height:
            top, rest = stack[-1]
            for edge in rest:
                if edge is None or edge.to == top or edge.to in height:
                    continue
                demand(edge.to not in open_states, "a negotiation that need not end", [s.name])
                stack.append((edge.to, iter(edges[edge.to])))
                open_states.add(edge.to)
                break
            else:
                height[top] = 1 + max((height[e.to] for e in edges[top]
                                       if e is not None and e.to != top), default=-1)
                open_states.discard(top)
                stack.pop()
    demand(height[START] <= 10, "a negotiation longer than the default limit allows", [s.name])


# Legs without octets.  COMPLETE without a token sends none (D3), so that a peer that must not go on
# without the last one fails; but an initiator's first step sends what is empty.
EMPTY_LEGS = {
    "none": lambda legs: [],
    "first": lambda legs: [1],
    "all but the last": lambda legs: list(range(1, legs)),
    "last": lambda legs: [legs],
}


def check_pairs():
    """The two roles against each other: both succeed and agree, in either profile, unless policy
    forbids it or a last leg is empty; and never do both wait for each other."""
    pairs = 0
    for (legs, integ, needs, own_first, has_first, optimistic, profile, policy,
         empty) in itertools.product(
            range(1, 6), (True, False), (True, False), (True, False), (True, False), (True, False),
            PROFILES, ("none", "initiator", "acceptor"), EMPTY_LEGS):
        if needs and not integ:
            continue
        more = {"integ": integ, "says_empty": empty != "none"}
        x = krb5(legs, needs_mic=needs, empty=EMPTY_LEGS[empty](legs), **more)
        y = ntlm(6 - legs, empty=EMPTY_LEGS[empty](6 - legs), **more)
        options = [] if optimistic else ["NO_OPTIMISTIC_TOKEN"]
        if policy == "initiator":
            options.append("REQUIRE_MIC")
        i = setting("pair", "initiator", [x, y], profile, options=options)
        ours = ([x, y] if own_first else [y, x]) if has_first else [y]
        a = setting("pair", "acceptor", ours, profile,
                    options=["REQUIRE_MIC"] if policy == "acceptor" else [])
        sides = {"i": (i, START), "a": (a, START)}
        msg, turn = ABSENT, "i"
        verdicts = {}
        for _ in range(16):
            s, st = sides[turn]
            st, verdicts[turn] = step(s, st, msg)
            sides[turn] = (s, st)
            msg = verdicts[turn].out
            turn = "a" if turn == "i" else "i"
            if msg is None:
                break
        label = [str((legs, integ, needs, own_first, has_first, optimistic, profile, policy,
                      empty)), str(verdicts)]
        ends = [v.status for v in verdicts.values()]
        pairs += 1
        demand("CONTINUE" not in ends or any(e.startswith("ERR") for e in ends),
               "both wait", label)
        told = empty != "last" or (legs if has_first else 6 - legs) == 1
        if told and (policy == "none" or policy == "acceptor" and integ):
            demand(ends == ["COMPLETE"] * 2, "a pair fails", label)
        if ends == ["COMPLETE"] * 2:
            demand(verdicts["i"].info == verdicts["a"].info, "a pair disagrees", label)
            must = integ and (policy != "none" or needs and has_first or not own_first
                              or not has_first)
            demand(verdicts["i"].info[2] == int(must), "MICs not as RFC 4178 5 has it", label)
        if policy != "none" and not integ:
            demand("COMPLETE" not in ends or "ERR_POLICY" in ends, "policy is dropped", label)
    return pairs


# ---- Output --------------------------------------------------------------------------------------


def hex_or_dash(octets):
    return "-" if octets is None else octets.hex() or "."


def write_role(role, write):
    symbols = symbols_of(role)
    write("role %s depth %d symbols %d\n" % (role, DEPTH[role], len(symbols)))
    for symbol in symbols:
        write("symbol %s\n" % symbol)
    settings = list(initiator_settings() if role == "initiator" else acceptor_settings())
    inputs, outcomes, bodies = {}, {}, []
    total = completed = 0
    for s in settings:
        order, edges = automaton(s, symbols)
        completed += check_invariants(s, symbols, order, edges)
        count = count_sequences(order, edges, DEPTH[role])
        total += count
        bodies.append(body_of(s, order, edges, count, inputs, outcomes))
    demand(completed > 0, "nothing ever completes", [role])
    write("inputs %d\n" % len(inputs))
    for text in inputs:
        write(text + "\n")
    write("outcomes %d\n" % len(outcomes))
    for text in outcomes:
        write(text + "\n")
    write("settings %d sequences %d\n" % (len(settings), total))
    for body in bodies:
        write(body)
    write("end\n")


def number(table, text):
    return table.setdefault(text, len(table))


def outcome_text(v):
    info = v.info if v.info is not None else ("-", 0, 0, 0)
    octets = None if v.out is None else v.out.octets
    return "%s %s %d %s %s %d %d %d" % (v.status, v.rule, v.code, hex_or_dash(octets), *info)


def input_text(m):
    return "!" if m.kind == "null" else hex_or_dash(m.octets)


def mech_text(m):
    return "mech %s %s %d %d %d %x %d %s %s %d %d %d %d %d %d\n" % (
        m.name, m.oid.hex(), m.legs, m.integ, m.needs_mic, sum(1 << k for k in m.empty),
        m.says_empty, m.anon, m.begins, m.available, m.names_error, m.one_way, m.declined,
        m.attribute, m.named)


def bits(names, of):
    return sum(1 << of.index(name) for name in names)


def body_of(s, order, edges, count, inputs, outcomes):
    index = {st: i for i, st in enumerate(order)}
    lines = ["setting %s\n" % s.name,
             "config %x %x %d %x %d %d %d %d %d %d\n" % (
                 bits(s.quirks, QUIRKS), bits(s.options, OPTIONS), bool(s.tolerate),
                 ("INTEG" in s.required_flags) * 0x20 + ("ANON" in s.required_flags) * 0x40,
                 s.max_token, s.max_steps, s.attributes, len(s.mechs), len(order), count)]
    lines += [mech_text(m) for m in s.mechs]
    for st in order:
        if is_final(st):
            verdict = step(s, st, ABSENT)[1]
            lines.append("1 %d\n" % number(outcomes, outcome_text(verdict)))
            continue
        words = []
        for edge in edges[st]:
            if edge is None:
                words.append("%d 0 0" % SKIP)
                continue
            words.append("%d %d %d" % (number(inputs, input_text(edge.msg)),
                                       number(outcomes, outcome_text(edge.verdict)),
                                       index[edge.to]))
        lines.append("0 %s\n" % " ".join(words))
    return "".join(lines)


def write_counts(write):
    write("%d pairs agree\n" % check_pairs())
    for role in ("initiator", "acceptor"):
        symbols = symbols_of(role)
        total = 0
        settings = list(initiator_settings() if role == "initiator" else acceptor_settings())
        for s in settings:
            order, edges = automaton(s, symbols)
            check_invariants(s, symbols, order, edges)
            count = count_sequences(order, edges, DEPTH[role])
            total += count
            write("%9d sequences, %3d states: %s, %s\n" % (count, len(order), role, s.name))
        write("%9d sequences of up to %d tokens out of %d: %s, %d settings\n" % (
            total, DEPTH[role], len(symbols), role, len(settings)))


def main():
    if sys.argv[1:] == ["counts"]:
        write_counts(sys.stdout.write)
    elif sys.argv[1:] in (["initiator"], ["acceptor"]):
        check_pairs()
        write_role(sys.argv[1], sys.stdout.write)
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
