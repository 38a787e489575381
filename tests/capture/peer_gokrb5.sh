# shellcheck shell=bash disable=SC2034,SC2154 # run.sh owns the variables
# gokrb5, initiator: sourced by run.sh.

[ -x "$(command -v go)" ] || { echo "no go" >&2; exit 1; }
GOPATH=/usr/share/gocode GO111MODULE=off GOCACHE="$rig/go-cache" GOFLAGS=-trimpath \
    timeout 300 go build -o "$rig/gokrb5_peer" "$here/gokrb5_peer.go"
command[gokrb5]="$rig/gokrb5_peer"
product[gokrb5]="gokrb5 $(debian golang-github-jcmturner-gokrb5.v8-dev)"
call[gokrb5 init]="SPNEGO.InitSecContext"

exchange gokrb5-krb5 "gokrb5 $rig/krb5.conf $rig/ccache host/srv.rig.test" 'mit --mechs krb5'
keep 1 gokrb5-krb5-1-init "gokrb5 initiator: Kerberos offered alone, AP-REQ in mechToken" "init mechs=krb5 token=ap-req"
