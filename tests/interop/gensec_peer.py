#!/usr/bin/python3
"""One side of an exchange, by Samba's gensec library; speaks the lines of peer.h.

    gensec_peer.py init   --conf SMB.CONF [--user NAME%PASSWORD] [--domain NAME] [--krb5 CCACHE|kinit]
                          [--flags LIST] [--option 'name=value']...
    gensec_peer.py accept --conf SMB.CONF [--sam SAM.LDB] [--krb5-password TEXT] [--option ...]

Needs /usr/bin/python3: Debian's python3-samba is built for it.
"""
import argparse
import sys

from samba import NTSTATUSError, auth, gensec, param
from samba.credentials import AUTO_USE_KERBEROS, DONT_USE_KERBEROS, MUST_USE_KERBEROS, Credentials
from samba.samdb import SamDB

SERVICE_HOST = "svc.rig.test"
FEATURES = {"integ": gensec.FEATURE_SIGN, "conf": gensec.FEATURE_SEAL, "dce": gensec.FEATURE_DCE_STYLE}
alive = []  # the C side borrows these objects without holding them


def load(args):
    loaded = param.LoadParm()
    loaded.load(args.conf)
    for option in args.option:
        name, _, value = option.partition("=")
        loaded.set(name, value)
    return loaded


def initiator(args, loaded):
    creds = Credentials()
    creds.guess(loaded)
    creds.set_kerberos_state(DONT_USE_KERBEROS)
    if args.user:
        name, _, password = args.user.partition("%")
        creds.set_username(name)
        creds.set_password(password)
        creds.set_domain(args.domain)
    if args.krb5 == "kinit":  # a ticket by that password, and NTLM beside it
        creds.set_realm("RIG.TEST")
        creds.set_kerberos_state(AUTO_USE_KERBEROS)
    elif args.krb5:
        creds.set_kerberos_state(MUST_USE_KERBEROS)
        creds.set_named_ccache(args.krb5)
    creds.set_workstation("RIGSRV")
    side = gensec.Security.start_client({"lp_ctx": loaded, "target_hostname": SERVICE_HOST})
    side.set_credentials(creds)
    side.set_target_service("host")
    side.set_target_hostname(SERVICE_HOST)
    return side


def acceptor(args, loaded):
    creds = Credentials()
    creds.guess(loaded)
    creds.set_realm("RIG.TEST")
    creds.set_domain("RIGDOM")
    if args.krb5_password:
        # The key is made from this password with the salt of the name: that of host/svc.rig.test.
        creds.set_username("host" + SERVICE_HOST)
        creds.set_password(args.krb5_password)
        creds.set_kerberos_state(MUST_USE_KERBEROS)
    else:
        creds.set_anonymous()
    sam = SamDB(url=args.sam, lp=loaded, session_info=auth.system_session(loaded)) if args.sam else None
    context = auth.AuthContext(lp_ctx=loaded, ldb=sam, methods=["anonymous", "sam_ignoredomain"])
    side = gensec.Security.start_server({"lp_ctx": loaded, "target_hostname": SERVICE_HOST}, context)
    side.set_credentials(creds)
    alive.extend([sam, context, creds])
    return side


def answer(side, line):
    verb, *operands = line.split()
    if not operands:
        finished, out = side.update(b"" if verb == "-" else bytes.fromhex(verb))
        return ("complete " if finished else "continue ") + (out.hex() or "-" if out else "-")
    operands = [bytes.fromhex(operand) for operand in operands]
    if verb == "sign":
        return side.sign_packet(operands[0], operands[0]).hex()
    if verb == "verify":
        side.check_packet(operands[0], operands[0], operands[1])
        return "good"
    return (side.wrap if verb == "seal" else side.unwrap)(operands[0]).hex()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=["init", "accept"])
    parser.add_argument("--conf", required=True)
    parser.add_argument("--sam")
    parser.add_argument("--user")
    parser.add_argument("--domain", default="RIGDOM")
    parser.add_argument("--krb5")
    parser.add_argument("--krb5-password")
    parser.add_argument("--flags", default="conf")
    parser.add_argument("--option", action="append", default=[])
    args = parser.parse_args()
    loaded = load(args)
    side = initiator(args, loaded) if args.role == "init" else acceptor(args, loaded)
    for flag in args.flags.split(","):
        if flag in FEATURES:  # the others are gensec's own business
            side.want_feature(FEATURES[flag])
    side.start_mech_by_name("spnego")
    for line in sys.stdin:
        try:
            print(answer(side, line), flush=True)
        except NTSTATUSError as error:
            print("failure -", error.args[1], flush=True)


main()
