# shellcheck shell=bash disable=SC2034,SC2154 # run.sh owns the variables
# Heimdal, both sides: sourced by run.sh.

build_gss_peer gss_peer_heimdal heimdal-gssapi -DHEIMDAL

exchange heimdal-krb5 'heimdal' 'heimdal'
keep 1 heimdal-krb5-1-init "Heimdal initiator: Kerberos offered alone, AP-REQ in mechToken" "init mechs=krb5 token=ap-req"
keep 2 heimdal-krb5-2-resp "Heimdal acceptor: accept-completed with the AP-REP of mutual authentication" \
    "resp state=accept-completed mech=krb5 token=ap-rep"

exchange heimdal-dce 'heimdal --flags mutual,integ,dce' 'heimdal'
keep 1 heimdal-dce-1-init "Heimdal initiator, DCE style: an AP-REQ without RFC 2743 framing in mechToken" \
    "init mechs=krb5 token=bare-ap-req"
keep 3 heimdal-dce-3-resp "Heimdal initiator, DCE style: its own AP-REP, accept-incomplete" \
    "resp state=accept-incomplete token=bare-ap-rep"

exchange heimdal-reselect 'mit-ntlm --mechs ntlm,krb5' 'heimdal'
keep 2 heimdal-reselect-2-resp "Heimdal acceptor: Kerberos chosen over NTLM, announced by accept-incomplete" \
    "resp state=accept-incomplete mech=krb5"

exchange heimdal-hints 'heimdal' 'heimdal' --acceptor-first
keep 1 heimdal-hints "Heimdal acceptor given an empty token: NegTokenInit2, both Kerberos OIDs, NTLM, negHints" \
    "init mechs=mskrb5,krb5,ntlm hints"
