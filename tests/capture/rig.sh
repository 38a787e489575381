# shellcheck shell=bash disable=SC2154 # who sources this owns the variables
# A place to run other people's software in: sourced by run.sh and by those of tests/interop.
#
# A private directory, and namespaces of our own: a network that is nothing but loopback, so that every port is free
# and nothing is reached by mistake; a host name (rigsrv) that gives nothing away; and a process tree that dies with
# us.  So any number of runs can go on at once.

# install_packages PACKAGE...: those not there yet; without root it says what to type.
install_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    local line="apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends"
    if [ "$(id -u)" -ne 0 ] || [ ! -x "$(command -v apt-get)" ]; then
        echo "needs, as root: $line ${missing[*]}" >&2
        return 1
    fi
    # The timeout above is not for the lists, so another run's update is waited for here.
    (
        flock 9
        apt-get update -q >/dev/null
        # The daemons among them are not to run for that they are installed.
        if [ ! -e /usr/sbin/policy-rc.d ]; then
            trap 'rm -f /usr/sbin/policy-rc.d' EXIT
            printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
            chmod +x /usr/sbin/policy-rc.d
        fi
        # shellcheck disable=SC2086 # the line is words
        DEBIAN_FRONTEND=noninteractive timeout 900 $line "${missing[@]}" >/dev/null 9>&-
    ) 9>/run/lock/spnego-rig || {
        echo "apt-get could not install: ${missing[*]}" >&2
        return 1
    }
}

# enter_rig [VARIABLE=VALUE...] SCRIPT [ARGUMENT...]: runs SCRIPT again inside, where RIG_INSIDE is the private
# directory, and gives its status.  The directory goes once nothing lives there any more; RIG_KEEP=1 leaves it.
enter_rig() {
    local map_root=() status=0
    [ "$(id -u)" -eq 0 ] || map_root=(--user --map-root-user)
    rig=$(mktemp -d)
    trap 'if [ -n "${RIG_KEEP:-}" ]; then echo "kept: $rig"; else rm -rf "$rig"; fi' EXIT
    # Without us there is nobody to end it, so it ends with us, however we do.
    setpriv --pdeathsig KILL unshare "${map_root[@]}" --net --uts --mount --pid --fork --kill-child --mount-proc \
        env -i PATH="$PATH:/usr/sbin:/sbin" LC_ALL=C.UTF-8 RIG_INSIDE="$rig" "$@" || status=$?
    return "$status"
}

# settle_in: what comes first inside.
settle_in() {
    rig=$RIG_INSIDE
    started=()
    export HOME="$rig" TMPDIR="$rig" PYTHONDONTWRITEBYTECODE=1
    hostname rigsrv
    ip link set lo up
    # A line each: the first name of a line is its canonical one, and some clients ask for a ticket for that.
    printf '127.0.0.1 %s\n' localhost rigsrv srv.rig.test svc.rig.test rigsrv.rig.test >"$rig/hosts"
    mount --bind "$rig/hosts" /etc/hosts
}

# serve PORT PID: wait until the daemon PID, which ends with this peer, listens on PORT.
serve() {
    local tries=0
    started+=("$2")
    until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do
        tries=$((tries + 1))
        if [ "$tries" -ge 100 ] || ! kill -0 "$2" 2>/dev/null; then
            echo "nothing listens on port $1" >&2
            return 1
        fi
        sleep 0.1
    done
}

# debian PACKAGE: "upstream (Debian full-version)", read from what is installed.
debian() {
    local full
    full=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null) || full=unknown
    local upstream=${full#*:}
    upstream=${upstream%-*}
    echo "${upstream%+dfsg} (Debian $full)"
}

# results TITLE TALLY [NAME=PACKAGE | NAME=VERSION]... <CELLS: what page.py reads, into the file $RESULTS if that is set.
results() {
    [ -n "${RESULTS:-}" ] || return 0
    mkdir -p "$(dirname "$RESULTS")"
    {
        printf 'title\t%s\ndate\t%s\ntally\t%s\n' "$1" "$(date -u +%F)" "$2"
        local product version
        for product in "${@:3}"; do
            version=${product#*=}
            [ -n "$version" ] || continue # it is not here
            case $version in [0-9]*) ;; *) version=$(debian "$version") ;; esac
            printf 'product\t%s\t%s\n' "${product%%=*}" "${version%% (*}"
        done
        cat
    } >"$RESULTS.${rig##*.}" && mv "$RESULTS.${rig##*.}" "$RESULTS"
}

# stop_started: ends the daemons of a subshell.
stop_started() {
    kill "${started[@]}" 2>/dev/null || true
    # The next one may want the same port.
    wait "${started[@]}" 2>/dev/null || true
}
