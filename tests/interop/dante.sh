#!/bin/bash
# Builds Dante's SOCKS server and client with the GSS-API from Debian's source:  tests/interop/dante.sh FOLDER
#
# Debian's own have no GSS-API.  The source comes through apt with lists of its own, so that the machine's stay as they
# are; FOLDER/sockd and FOLDER/libdsocks.so are what comes of it, and are left alone if they are there.  Some minutes.
set -eu
mkdir -p "$1"
folder=$(cd "$1" && pwd)
[ ! -e "$folder/libdsocks.so" ] || exit 0
packages="libkrb5-dev dpkg-dev xz-utils gcc make"
# shellcheck disable=SC2086 # the list is words
dpkg-query -W $packages >/dev/null 2>&1 ||
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends $packages \
        >/dev/null
. /etc/os-release
mkdir -p "$folder/lists/partial"
cd "$folder"
# Where this machine has its packages from.
mirror=$(sed -nE 's/^(URIs:|deb( \[[^]]*\])?) +([^ ]+).*/\3/p' /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources \
    2>/dev/null | head -n 1)
echo "deb-src $mirror $VERSION_CODENAME main" >sources.list
private="-o Dir::Etc::sourcelist=$folder/sources.list -o Dir::Etc::sourceparts=- -o Dir::State::lists=$folder/lists
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache="
# shellcheck disable=SC2086 # options
{
    apt-get $private update -q
    apt-get $private source -q --download-only dante
    tar -xf dante_*.orig.tar.xz
    cd dante-*/
    ./configure --with-gssapi --without-pam --without-libwrap --without-upnp --without-sasl --without-bsdauth \
        --without-ldap
    make
} >"$folder/build.log" 2>&1
cp sockd/sockd "$folder/sockd"
cp dlib/.libs/libdsocks.so "$folder/libdsocks.so"
