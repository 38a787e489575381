# shellcheck shell=bash disable=SC2034,SC2154 # run.sh owns the variables
# MIT krb5, both sides, with Kerberos and with gss-ntlmssp: sourced by run.sh.

build_gss_peer gss_peer_mit krb5-gssapi

exchange mit-krb5 'mit --mechs krb5' 'mit --mechs krb5'
keep 1 mit-krb5-1-init "MIT initiator: Kerberos offered alone, AP-REQ in mechToken" "init mechs=krb5 token=ap-req"
keep 2 mit-krb5-2-resp "MIT acceptor: accept-completed with the AP-REP of mutual authentication" \
    "resp state=accept-completed mech=krb5 token=ap-rep"

exchange mit-one-leg 'mit --mechs krb5 --flags integ' 'mit --mechs krb5'
keep 2 mit-krb5-one-leg-2-resp "MIT acceptor: accept-completed without responseToken, no mutual authentication" \
    "resp state=accept-completed mech=krb5"

# Three legs, and mechanism tokens without the framing of RFC 2743.
exchange mit-dce 'mit --mechs krb5 --flags mutual,integ,dce' 'mit --mechs krb5'
keep 1 mit-dce-1-init "MIT initiator, DCE style: an AP-REQ without RFC 2743 framing in mechToken" \
    "init mechs=krb5 token=bare-ap-req"
keep 2 mit-dce-2-resp "MIT acceptor, DCE style: accept-incomplete with a bare AP-REP" \
    "resp state=accept-incomplete mech=krb5 token=bare-ap-rep"
keep 3 mit-dce-3-resp "MIT initiator, DCE style: its own AP-REP, accept-incomplete" \
    "resp state=accept-incomplete token=bare-ap-rep"
keep 4 mit-dce-4-resp "MIT acceptor, DCE style: accept-completed and nothing else" "resp state=accept-completed"

exchange mit-ntlm 'mit-ntlm --mechs ntlm' 'mit-ntlm --mechs ntlm'
keep 1 mit-ntlm-1-init "MIT initiator: NTLM offered alone, NEGOTIATE_MESSAGE in mechToken" "init mechs=ntlm token=ntlm-1"
keep 2 mit-ntlm-2-resp-challenge "MIT acceptor: accept-incomplete with the NTLM CHALLENGE_MESSAGE" \
    "resp state=accept-incomplete mech=ntlm token=ntlm-2"
keep 3 mit-ntlm-3-resp-authenticate "MIT initiator: NTLM AUTHENTICATE_MESSAGE with mechListMIC beside it" \
    "resp state=accept-incomplete token=ntlm-3 mic"
keep 4 mit-ntlm-4-resp-mic "MIT acceptor: accept-completed with its mechListMIC (NTLM)" "resp state=accept-completed mic"

# The acceptor lacks the first mechanism: the even case of RFC 4178 section 5.
exchange mit-reselect 'mit-ntlm --mechs ntlm,krb5' 'mit --mechs krb5'
keep 1 mit-reselect-1-init "MIT initiator: NTLM then Kerberos offered, NEGOTIATE_MESSAGE in mechToken" \
    "init mechs=ntlm,krb5 token=ntlm-1"
keep 2 mit-reselect-2-resp-request-mic "MIT acceptor: request-mic, Kerberos chosen over the NTLM preferred by its peer" \
    "resp state=request-mic mech=krb5"
keep 3 mit-reselect-3-resp "MIT initiator: AP-REQ of the mechanism chosen by request-mic" \
    "resp state=accept-incomplete token=ap-req"
keep 4 mit-reselect-4-resp-mic "MIT acceptor: AP-REP with its mechListMIC, accept-incomplete" \
    "resp state=accept-incomplete token=ap-rep mic"
keep 5 mit-reselect-5-resp-mic "MIT initiator: accept-completed with its mechListMIC (Kerberos)" \
    "resp state=accept-completed mic"

# The odd case, with one leg and with three.
exchange mit-reselect-one-leg 'mit-ntlm --mechs ntlm,krb5 --flags integ' 'mit --mechs krb5'
keep 3 mit-reselect-one-leg-3-resp-mic "MIT initiator: AP-REQ and mechListMIC in one token, no mutual authentication" \
    "resp state=accept-incomplete token=ap-req mic"

exchange mit-reselect-dce 'mit-ntlm --mechs ntlm,krb5 --flags mutual,integ,dce' 'mit --mechs krb5'
keep 5 mit-reselect-dce-5-resp-mic "MIT initiator, DCE style: last mechanism token with mechListMIC beside it" \
    "resp state=accept-incomplete token=bare-ap-rep mic"

exchange mit-reselect-ntlm 'mit-ntlm --mechs krb5,ntlm' 'mit-ntlm --mechs ntlm'
keep 1 mit-reselect-ntlm-1-init "MIT initiator: Kerberos then NTLM offered, AP-REQ in mechToken" \
    "init mechs=krb5,ntlm token=ap-req"
keep 2 mit-reselect-ntlm-2-resp-request-mic "MIT acceptor: request-mic, NTLM chosen over Kerberos" \
    "resp state=request-mic mech=ntlm"
keep 3 mit-reselect-ntlm-3-resp "MIT initiator: NTLM NEGOTIATE_MESSAGE in a reply, after request-mic" \
    "resp state=accept-incomplete token=ntlm-1"
keep 4 mit-reselect-ntlm-4-resp "MIT acceptor: NTLM CHALLENGE_MESSAGE in its second reply, supportedMech not repeated" \
    "resp state=accept-incomplete token=ntlm-2"

exchange mit-reject 'mit-ntlm --mechs ntlm' 'mit --mechs krb5'
keep 2 mit-reject-no-common-mech "MIT acceptor: reject alone, no mechanism in common" "resp state=reject"

exchange mit-bindings 'mit --mechs krb5 --bind one' 'mit --mechs krb5 --bind another'
keep 2 mit-reject-bindings "MIT acceptor: reject with a KRB-ERROR inside, the channel bindings differ" \
    "resp state=reject token=krb-error"

exchange mit-wrong-service 'mit --mechs krb5 --target host@svc.rig.test' 'mit --mechs krb5'
keep 2 mit-reject-wrong-service "MIT acceptor: reject with a KRB-ERROR inside, the ticket is for another service" \
    "resp state=reject token=krb-error"

exchange mit-hints 'mit-ntlm --mechs krb5,ntlm' 'mit-ntlm --mechs krb5,ntlm' --acceptor-first
keep 1 mit-hints "MIT acceptor given an empty token: NegTokenInit2 with Kerberos, NTLM and negHints" \
    "init mechs=krb5,ntlm hints"
