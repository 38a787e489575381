# spnego: `make` builds the library and the command, `make help` lists everything else.
#
# `make` and `make demo` need a C compiler and make.  What the other targets need besides is
# installed by them on Debian when they run as root; otherwise they print the line that installs it.

CC = cc
# The compiler names those of its own target, so that CC alone makes a cross build.
AR = $(shell $(CC) -print-prog-name=ar)
OBJCOPY = $(shell $(CC) -print-prog-name=objcopy)
LD = $(shell $(CC) -print-prog-name=ld)
CPPFLAGS =
CFLAGS = -O2 -g
LDFLAGS =
WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
PREFIX = /usr/local
LIBDIR = $(PREFIX)/lib
DESTDIR =
JOBS = $(shell nproc 2>/dev/null || echo 1)
FUZZ_SECONDS = 60

# A variant is a way to build: `make VARIANT=asan ...`.  Each has its own folder under build/.
VARIANT = release
BUILD = $(if $(filter release,$(VARIANT)),build,build/$(VARIANT))
VARIANT_FLAGS_release =
VARIANT_FLAGS_asan = -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
VARIANT_FLAGS_tsan = -O1 -fsanitize=thread
VARIANT_FLAGS_o0 = -O0
VARIANT_FLAGS_o3 = -O3
VARIANT_FLAGS_clang = -O2
VARIANT_FLAGS_coverage = -O0 --coverage
VARIANT_FLAGS_m32 = -O2
VARIANT_FLAGS_s390x = -O2
VARIANT_CC_clang = clang
VARIANT_CC_m32 = i686-linux-gnu-gcc
VARIANT_CC_s390x = s390x-linux-gnu-gcc
override CC := $(or $(VARIANT_CC_$(VARIANT)),$(CC))

# Files beyond 2 GiB also where a long has 32 bits.
$(BUILD)/src/cli/%.o: ALL_CFLAGS += -D_FILE_OFFSET_BITS=64

# libpcap reads captures.  Without it, or with PCAP=no, the command says so when it gets one.
PCAP_TRY = printf '\043include <pcap/pcap.h>\nint main(void) { return pcap_lib_version()[0]; }\n' | \
           $(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -D_GNU_SOURCE -x c -o /dev/null - -lpcap 2>/dev/null && echo yes
PCAP = $(eval PCAP := $$(shell $$(PCAP_TRY)))$(PCAP)
PCAP_LIBS = $(if $(filter yes,$(PCAP)),-lpcap)

INCLUDES = -Iinclude -Isrc -Isrc/der/asn1c -Igenerated
# The archive's symbols are made local in machine code, which link-time optimisation would put off.
ALL_CFLAGS = -std=c11 $(CPPFLAGS) $(CFLAGS) $(VARIANT_FLAGS_$(VARIANT)) $(WARNINGS) $(INCLUDES) -fPIC \
             -fno-lto -fvisibility=hidden -MMD -MP
LINK = $(CC) $(CFLAGS) $(VARIANT_FLAGS_$(VARIANT)) $(LDFLAGS)

# NegState.c holds functions that write into their own table; src/der/asn1c/ has its descriptor.
GENERATED = $(filter-out generated/NegState.c,$(wildcard generated/*.c))
LIB_SOURCES = $(wildcard src/base/*.c src/der/*.c src/der/asn1c/*.c src/token/*.c src/nego/*.c) \
              $(GENERATED)
LIB_OBJECTS = $(LIB_SOURCES:%.c=$(BUILD)/%.o)
CARRIER_SOURCES = $(filter-out src/carrier/xmpp_xml.c,$(wildcard src/carrier/*.c))
CARRIER_OBJECTS = $(CARRIER_SOURCES:%.c=$(BUILD)/%.o)
# Kerberos' types are for the inspector: the library does not have them.
KRB5_OBJECTS = $(patsubst %.c,$(BUILD)/%.o,$(wildcard generated/kerberos/*.c))
INSPECT_OBJECTS = $(patsubst %.c,$(BUILD)/%.o,$(wildcard src/inspect/*.c)) $(KRB5_OBJECTS)
CLI_OBJECTS = $(patsubst %.c,$(BUILD)/%.o,$(wildcard src/cli/*.c))

SOVERSION = 0
LIB_A = $(BUILD)/libspnego.a
LIB_SO = $(BUILD)/libspnego.so.$(SOVERSION)

## all: build/libspnego.a, build/libspnego.so, build/spnego
all: $(LIB_A) $(BUILD)/libspnego.so $(BUILD)/spnego

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

# asn1c writes -1 for "no tag" into an unsigned field.
$(BUILD)/generated/%.o: WARNINGS += -Wno-sign-conversion

# Two objects, with everything but spnego_* made local, so that only that leaves the archive too: who
# calls no carrier does not link them.  The carriers stand on the negotiation's public functions, and
# have their own copy of its buffer.  Section groups are dissolved first: a local symbol in a group that the linker drops is lost (the
# position-independent code of 32-bit x86 has such).
JOIN = $(CC) -nostdlib -r -Wl,--force-group-allocation
$(LIB_A): $(LIB_OBJECTS) $(CARRIER_OBJECTS)
	$(JOIN) -o $(BUILD)/libspnego.o $(LIB_OBJECTS)
	$(JOIN) -o $(BUILD)/libspnego-carrier.o $(CARRIER_OBJECTS) $(BUILD)/src/nego/buffer.o \
	    $(BUILD)/src/nego/host.o
	$(OBJCOPY) --localize-hidden $(BUILD)/libspnego.o
	$(OBJCOPY) --localize-hidden $(BUILD)/libspnego-carrier.o
	rm -f $@
	$(AR) rcsD $@ $(BUILD)/libspnego.o $(BUILD)/libspnego-carrier.o

$(LIB_SO): $(LIB_OBJECTS) $(CARRIER_OBJECTS)
	$(LINK) -shared -Wl,-soname,libspnego.so.$(SOVERSION) \
	    -o $@ $(LIB_OBJECTS) $(CARRIER_OBJECTS)

# XML for XMPP is an archive of its own, because it needs expat.
LIB_XMPP = $(BUILD)/libspnego-xmpp.a
## xmpp: build/libspnego-xmpp.a, which reads XMPP's elements out of XML (needs expat)
xmpp: need-xmpp $(LIB_XMPP)
$(LIB_XMPP): $(BUILD)/src/carrier/xmpp_xml.o $(BUILD)/src/nego/buffer.o $(BUILD)/src/nego/host.o
	$(JOIN) -o $(BUILD)/libspnego-xmpp.o $^
	$(OBJCOPY) --localize-hidden $(BUILD)/libspnego-xmpp.o
	rm -f $@
	$(AR) rcsD $@ $(BUILD)/libspnego-xmpp.o

$(BUILD)/libspnego.so: $(LIB_SO)
	ln -sf $(<F) $@

$(BUILD)/src/inspect/capture.o: ALL_CFLAGS += $(if $(filter yes,$(PCAP)),-DINSPECT_WITH_PCAP)

# settle.o is the negotiation's own decision, which `replay` takes again from the tokens alone.
$(BUILD)/spnego: $(CLI_OBJECTS) $(INSPECT_OBJECTS) $(BUILD)/src/nego/settle.o $(LIB_A)
	$(LINK) -pthread -o $@ $^ $(PCAP_LIBS)

# The same without libpcap, for the tests.
$(BUILD)/capture-plain.o: src/inspect/capture.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<
$(BUILD)/spnego-plain: $(CLI_OBJECTS) $(filter-out %/capture.o,$(INSPECT_OBJECTS)) \
                       $(BUILD)/capture-plain.o $(BUILD)/src/nego/settle.o $(LIB_A)
	$(LINK) -pthread -o $@ $^

$(BUILD)/example-%: tests/examples/%.c $(LIB_A)
	$(LINK) -std=c11 $(CPPFLAGS) $(WARNINGS) -Iinclude -MMD -MF $@.d -o $@ $^

EXAMPLES = $(filter-out pair,$(patsubst tests/examples/%.c,%,$(wildcard tests/examples/*.c)))
## examples: each carrier's example, client and server over loopback
examples: $(EXAMPLES:%=$(BUILD)/example-%)
	@for example in $^; do $$example >/dev/null || { echo "$$example failed"; exit 1; }; done

## demo: decodes captured tokens, then runs an initiator and an acceptor against each other
demo: $(BUILD)/spnego $(BUILD)/example-pair
	@echo '$$ spnego decode vectors/captured/mit-krb5-1-init.txt'
	@$(BUILD)/spnego decode vectors/captured/mit-krb5-1-init.txt
	@echo
	@echo '$$ spnego decode vectors/captured/samba-ntlm-4-resp-mic.txt'
	@$(BUILD)/spnego decode vectors/captured/samba-ntlm-4-resp-mic.txt
	@echo
	@echo '$$ spnego decode vectors/captured/heimdal-hints.txt'
	@$(BUILD)/spnego decode vectors/captured/heimdal-hints.txt
	@echo
	@echo '$$ spnego decode -t "WWW-Authenticate: Negotiate oRQwEqADCgEDoQsGCSqGSIL3EgECAg=="'
	@$(BUILD)/spnego decode -t "WWW-Authenticate: Negotiate oRQwEqADCgEDoQsGCSqGSIL3EgECAg=="
	@echo
	@echo '$$ spnego decode --format json vectors/captured/java-krb5-2-resp.txt | cut -c1-300'
	@$(BUILD)/spnego decode --format json vectors/captured/java-krb5-2-resp.txt | cut -c1-300
	@echo
	@echo '$$ build/example-pair'
	@$(BUILD)/example-pair

# ---- What the tests need ------------------------------------------------------------------------

TEST_PACKAGES = libcriterion-dev asn1c python3 binutils libexpat1-dev libpcap-dev zsh
XMPP_PACKAGES = libexpat1-dev
LINT_PACKAGES = clang-format cppcheck asn1c python3 binutils
FUZZ_PACKAGES = clang libclang-rt-14-dev asn1c python3 libexpat1-dev
PROVE_PACKAGES = frama-c-base why3 z3 cvc4
BENCH_PACKAGES = valgrind asn1c
# Other programs whose word the tests compare with, where they are installed.
WITNESS_PACKAGES = tshark python3-cryptography

# $(1): packages.  Installs those that are missing on Debian as root, else prints the line and stops.
install_packages = \
	@missing=; for package in $(1); do \
	    dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || \
	        missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	    if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	        export DEBIAN_FRONTEND=noninteractive; \
	        apt-get -o DPkg::Lock::Timeout=300 update -q >/dev/null && \
	        apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends $$missing \
	            >/dev/null; \
	    else \
	        echo "needs:$$missing" >&2; \
	        echo "on Debian: apt-get install -y --no-install-recommends$$missing" >&2; \
	        exit 1; \
	    fi; \
	fi

.PHONY: need-xmpp
need-xmpp:
	$(call install_packages,$(XMPP_PACKAGES))
.PHONY: need-test need-lint need-fuzz need-prove need-bench need-witnesses
need-test:
	$(call install_packages,$(TEST_PACKAGES))
need-lint:
	$(call install_packages,$(LINT_PACKAGES))
need-fuzz:
	$(call install_packages,$(FUZZ_PACKAGES))
need-prove:
	$(call install_packages,$(PROVE_PACKAGES))
need-witnesses:
	$(call install_packages,$(WITNESS_PACKAGES))
need-bench:
	$(call install_packages,$(BENCH_PACKAGES))

# ---- Tests --------------------------------------------------------------------------------------

TEST_CFLAGS = -std=c11 $(CFLAGS) $(VARIANT_FLAGS_$(VARIANT)) $(WARNINGS) $(INCLUDES) -Itests -MMD -MP
TEST_SUPPORT = $(BUILD)/tests/support.o $(BUILD)/tests/vector_file.o $(BUILD)/tests/toy_mech.o

$(BUILD)/tests/%.o: tests/%.c | need-test
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) -c -o $@ $<

# Unit tests see the insides of the library, so they are linked with its objects.
$(BUILD)/test-unit: $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/unit/*.c)) $(TEST_SUPPORT) \
                    $(LIB_OBJECTS) $(CARRIER_OBJECTS)
	$(CC) $(TEST_CFLAGS) -o $@ $^ -lcriterion
# The archives come last, behind what a program adds below.
$(BUILD)/test-%: $(BUILD)/tests/test_%.o $(TEST_SUPPORT) $(LIB_A)
	$(CC) $(TEST_CFLAGS) -o $@ $(filter-out %.a,$^) $(filter %.a,$^) $(TEST_LIBS) -lcriterion

$(BUILD)/src/carrier/xmpp_xml.o: | need-xmpp
$(BUILD)/test-xmpp_xml: $(LIB_XMPP)
$(BUILD)/test-xmpp_xml: TEST_LIBS = -Wl,--wrap=malloc,--wrap=free,--wrap=XML_ParserCreateNS -lexpat

$(BUILD)/test-transcripts: $(BUILD)/tests/transcript_file.o $(BUILD)/tests/scripted_file.o \
    $(BUILD)/tests/toy_setting.o
# All of the inspector but the file format, which is libpcap's affair.
STREAM_OBJECTS = $(filter-out %/capture.o,$(INSPECT_OBJECTS)) $(BUILD)/src/nego/settle.o
$(BUILD)/test-flow $(BUILD)/test-carry $(BUILD)/test-heard: $(STREAM_OBJECTS)
$(BUILD)/test-carriers: $(BUILD)/tests/scripted_file.o $(BUILD)/tests/toy_setting.o \
    $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/carrier_*.c))
$(BUILD)/test-nested $(BUILD)/test-text: $(STREAM_OBJECTS)
$(BUILD)/test-krb5: $(BUILD)/tests/tree_text.o $(STREAM_OBJECTS)
$(BUILD)/krb5-fields: tests/tshark/krb5_fields.c $(BUILD)/tests/tree_text.o $(STREAM_OBJECTS) $(LIB_A)
	$(CC) $(TEST_CFLAGS) -MF $@.d -o $@ $^

# asn1c's own runtime as second witness, from the installed package.  It is not ours and is compiled
# without warnings; its debugging code, which is evaluated even when it is off and makes a race in a
# static buffer, is taken out.  Everything but witness_* is made local: its names would clash with
# our tables.
ASN1C_SKELETONS = /usr/share/asn1c
STOCK_RUNTIME = BIT_STRING GeneralString INTEGER NativeEnumerated NativeInteger OBJECT_IDENTIFIER \
                OCTET_STRING asn_SEQUENCE_OF asn_SET_OF asn_codecs_prim ber_decoder \
                ber_tlv_length ber_tlv_tag constr_CHOICE constr_SEQUENCE constr_SEQUENCE_OF \
                constr_SET_OF constr_TYPE constraints der_encoder per_decoder per_encoder \
                per_opentype per_support xer_decoder xer_encoder xer_support
STOCK_FLAGS = -std=c11 -D_DEFAULT_SOURCE -Igenerated -isystem $(ASN1C_SKELETONS)
NO_ASN_DEBUG = '-DASN_DEBUG(...)=((void)0)'

# $(1): folder  $(2): compiler and flags  $(3): NO_ASN_DEBUG or nothing
define stock
$(1)/witness.o: tests/witness/stock.c tests/witness/stock.h $(wildcard generated/*.[ch]) | need-test
	@mkdir -p $(1)/stock
	@for f in $(STOCK_RUNTIME:%=$(ASN1C_SKELETONS)/%.c) generated/*.c; do \
	    $(2) -w $(3) $(STOCK_FLAGS) -c -o $(1)/stock/$$$$(basename $$$$f .c).o $$$$f || exit 1; done
	$(2) $(WARNINGS) $(STOCK_FLAGS) -c -o $(1)/stock/stock.o $$<
	$$(LD) -r -o $$@ $(1)/stock/*.o
	$$(OBJCOPY) -w --keep-global-symbol='witness_*' $$@
endef
$(eval $(call stock,build/quiet,$(CC) $(CFLAGS),$(NO_ASN_DEBUG)))
$(eval $(call stock,build/shipped,$(CC) $(CFLAGS),))

LAWS = tests/witness/laws.c tests/witness/cut.c
WRAP = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
$(BUILD)/test-witness: tests/witness/test_witness.c tests/witness/describe.c \
                       $(LAWS) $(TEST_SUPPORT) build/quiet/witness.o $(LIB_A)
	$(CC) $(TEST_CFLAGS) -MF $@.d -o $@ $^ -lcriterion
$(BUILD)/test-alloc: tests/alloc/test_alloc.c tests/bench/cases.c $(TEST_SUPPORT) $(LIB_A)
	$(CC) $(TEST_CFLAGS) -MF $@.d -o $@ $^ $(WRAP),--wrap=free -lcriterion

# The whole command in a program of tests.
$(BUILD)/tests/alloc/main.o: $(BUILD)/src/cli/main.o
	@mkdir -p $(@D)
	objcopy --redefine-sym main=spnego_main $< $@
$(BUILD)/tests/alloc/test_command.o: TEST_CFLAGS += -DCOMMAND_WITH_PCAP=$(if $(filter yes,$(PCAP)),1,0)
$(BUILD)/test-command: $(BUILD)/tests/alloc/test_command.o $(BUILD)/tests/alloc/main.o \
                       $(filter-out %/main.o,$(CLI_OBJECTS)) $(INSPECT_OBJECTS) \
                       $(BUILD)/src/nego/settle.o $(TEST_SUPPORT) $(LIB_A)
	$(CC) $(TEST_CFLAGS) -pthread -o $@ $^ $(WRAP),--wrap=free,--wrap=fopen64,--wrap=fmemopen \
	    -Wl,--wrap=pthread_create,--wrap=scandir64 $(PCAP_LIBS) -lcriterion

TESTS = unit $(patsubst tests/test_%.c,%,$(wildcard tests/test_*.c)) witness alloc command

## check: everything a change must pass here and now; last line "N passed, N failed"
check: need-test all $(BUILD)/spnego-plain $(TESTS:%=$(BUILD)/test-%) $(BUILD)/krb5-fields replay-all
	@tests/check.sh $(BUILD) $(TESTS)

## check-all: the tests in other ways: gcc and clang, -O0 and -O3, 32 bits, big endian, sanitizers, valgrind
check-all: need-test need-fuzz need-bench
	$(call install_packages,gcc-i686-linux-gnu libc6-dev-i386-cross)
	$(MAKE) check VARIANT=asan
	$(MAKE) check VARIANT=clang
	$(MAKE) check VARIANT=o0
	$(MAKE) check VARIANT=o3
	$(MAKE) all build/m32/krb5-fields VARIANT=m32
	tests/check.sh build/m32
	$(MAKE) check-big-endian
	$(MAKE) check-threads
	$(MAKE) check-valgrind

# All but what needs more than the C library: asn1c's runtime, expat.
BIG_ENDIAN = spnego example-pair $(patsubst %,replay-%,$(filter-out witness xmpp_xml,$(FUZZ_TARGETS)))
## check-big-endian: the command over every vector, and all corpora, as s390x has them (qemu)
check-big-endian: need-test corpus-all build/quiet/witness.o $(BUILD)/spnego $(BUILD)/example-pair
	$(call install_packages,gcc-s390x-linux-gnu libc6-dev-s390x-cross qemu-user)
	$(MAKE) $(BIG_ENDIAN:%=build/s390x/%) VARIANT=s390x
	tests/big_endian.sh build/s390x $(BUILD)/spnego

## check-threads: contexts in several threads, under the thread sanitizer
check-threads: need-test
	@$(MAKE) --no-print-directory -s build/tsan/test-threads VARIANT=tsan
	build/tsan/test-threads

TOKEN_VECTORS = $(wildcard vectors/accept/*.txt vectors/reject/*.txt vectors/captured/*.txt \
                vectors/kdc/*.txt)

## check-valgrind: the command under valgrind over every vector
check-valgrind: need-bench $(BUILD)/spnego
	@valgrind -q --error-exitcode=99 --leak-check=full $(BUILD)/spnego decode \
	    $(TOKEN_VECTORS) >/dev/null; test $$? -le 2
	@valgrind -q --error-exitcode=99 --leak-check=full $(BUILD)/spnego decode --format json \
	    $(TOKEN_VECTORS) >/dev/null; test $$? -le 2
	@echo "valgrind: clean"

## rebase: rewrites what vectors/ expects from what the library says, to be read as a diff
rebase: need-test $(BUILD)/spnego $(BUILD)/test-transcripts $(BUILD)/test-carriers
	@for file in $(TOKEN_VECTORS); do \
	    $(BUILD)/spnego decode --as-vector $$file >build/rebased.txt && \
	        { cmp -s build/rebased.txt $$file || cp build/rebased.txt $$file; } || exit 1; \
	done
	@SPNEGO_REBASE=1 $(BUILD)/test-transcripts
	@SPNEGO_REBASE=1 $(BUILD)/test-carriers

## capture: records vectors/captured/ and vectors/kdc/ anew from MIT krb5, Heimdal, Samba, Java and others (root, Debian)
capture:
	tests/capture/run.sh vectors/captured
	tests/capture/kdc.sh vectors/kdc
	$(MAKE) rebase

# ---- Fuzzing ------------------------------------------------------------------------------------

FUZZ_TARGETS = decode roundtrip witness input source ntlm negoex krb5 initiator acceptor pair \
               nns_client nns_server socks5_client socks5_server http_header http_client http_server \
               base64 sasl xmpp xmpp_xml capture flow exchange
FUZZ_CC = clang
comma := ,
FUZZ_FLAGS = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
# What counts edges, and what calls the target.
FUZZ_EDGES = -fsanitize=fuzzer-no-link
FUZZ_ENGINE = -fsanitize=fuzzer
FUZZ_FLOOR_decode = 355
FUZZ_FLOOR_roundtrip = 470
FUZZ_FLOOR_witness = 950
FUZZ_FLOOR_input = 2940
FUZZ_FLOOR_source = 1060
FUZZ_FLOOR_ntlm = 1153
FUZZ_FLOOR_negoex = 938
FUZZ_FLOOR_initiator = 1585
FUZZ_FLOOR_acceptor = 1600
FUZZ_FLOOR_pair = 1760
FUZZ_FLOOR_krb5 = 2610
FUZZ_FLOOR_nns_client = 1360
FUZZ_FLOOR_nns_server = 1410
FUZZ_FLOOR_socks5_client = 1065
FUZZ_FLOOR_socks5_server = 1025
FUZZ_FLOOR_http_header = 227
FUZZ_FLOOR_http_client = 1750
FUZZ_FLOOR_http_server = 1750
FUZZ_FLOOR_base64 = 83
FUZZ_FLOOR_sasl = 1500
FUZZ_FLOOR_xmpp = 1325
FUZZ_FLOOR_xmpp_xml = 216
FUZZ_FLOOR_capture = 1917
FUZZ_FLOOR_flow = 1030
FUZZ_FLOOR_exchange = 1351
FUZZ_WITH_roundtrip = tests/witness/cut.c
FUZZ_WITH_witness = $(LAWS)
FUZZ_WITH_ntlm = fuzz/output.c
FUZZ_WITH_negoex = fuzz/output.c
FUZZ_WITH_krb5 = fuzz/output.c
FUZZ_WITH_input = fuzz/output.c
FUZZ_WITH_capture = fuzz/output.c
FUZZ_WITH_exchange = fuzz/output.c
# Those that have the inspector behind them.
FUZZ_INSPECTING = input source ntlm negoex krb5 capture flow exchange
FUZZ_WITH_initiator = fuzz/peer.c fuzz/negotiation.c tests/toy_mech.c
FUZZ_WITH_acceptor = $(FUZZ_WITH_initiator)
FUZZ_WITH_pair = fuzz/negotiation.c tests/toy_mech.c
FUZZ_WITH_nns_client = fuzz/nns.c fuzz/negotiation.c tests/toy_mech.c
FUZZ_WITH_nns_server = $(FUZZ_WITH_nns_client)
FUZZ_WITH_socks5_client = fuzz/socks5.c tests/toy_mech.c
FUZZ_WITH_socks5_server = $(FUZZ_WITH_socks5_client)
FUZZ_WITH_http_client = fuzz/http_peer.c fuzz/negotiation.c tests/toy_mech.c
FUZZ_WITH_http_server = $(FUZZ_WITH_http_client)
FUZZ_WITH_sasl = $(FUZZ_WITH_pair)
FUZZ_WITH_xmpp = $(FUZZ_WITH_pair)
FUZZ_WITH_xmpp_xml = src/carrier/xmpp_xml.c src/nego/buffer.c src/nego/host.c \
                     -Wl,--wrap=XML_ParserCreateNS -lexpat
FUZZ_SOURCES = $(filter-out fuzz/fuzz_%,$(wildcard fuzz/*.[ch] tests/toy_mech.[ch] \
               src/inspect/*.[ch] tests/witness/*.[ch]))
# asn1c's runtime has known undefined behaviour, so it goes without that sanitizer.
$(eval $(call stock,build/fuzz,$(FUZZ_CC) $(FUZZ_FLAGS) -fno-sanitize=undefined $(FUZZ_EDGES),$(NO_ASN_DEBUG)))

build/fuzz/libspnego.o: $(LIB_SOURCES) $(CARRIER_SOURCES) \
                        $(wildcard include/spnego/*.h src/*/*.h src/*/*.def) | need-fuzz
	@mkdir -p build/fuzz/lib
	@for f in $(LIB_SOURCES) $(CARRIER_SOURCES); do $(FUZZ_CC) -std=c11 $(FUZZ_FLAGS) $(FUZZ_EDGES) \
	    -fvisibility=hidden $(WARNINGS) -Wno-sign-conversion $(INCLUDES) -c \
	    -o build/fuzz/lib/$$(echo $$f | tr / _).o $$f || exit 1; done
	$(LD) -r -o $@ build/fuzz/lib/*.o
	$(OBJCOPY) --localize-hidden $@

# The inspector without libpcap, which has nothing to do here.
INSPECT_SOURCES = $(filter-out src/inspect/capture.c,$(wildcard src/inspect/*.c)) src/nego/settle.c
build/fuzz/inspect.o: $(INSPECT_SOURCES) $(wildcard src/*/*.h include/spnego/*.h generated/kerberos/*.[ch]) \
                      | need-fuzz
	@mkdir -p build/fuzz/inspect
	@for f in $(INSPECT_SOURCES) generated/kerberos/*.c; do $(FUZZ_CC) -std=c11 $(FUZZ_FLAGS) \
	    $(FUZZ_EDGES) $(WARNINGS) -Wno-sign-conversion $(INCLUDES) -c \
	    -o build/fuzz/inspect/$$(basename $$f .c).o $$f || exit 1; done
	$(LD) -r -o $@ build/fuzz/inspect/*.o

build/fuzz/fuzz-%: fuzz/fuzz_%.c build/fuzz/libspnego.o build/fuzz/witness.o build/fuzz/inspect.o \
                   $(FUZZ_SOURCES)
	$(FUZZ_CC) -std=c11 $(FUZZ_FLAGS) $(FUZZ_EDGES) $(WARNINGS) $(INCLUDES) -Itests \
	    -o $@ $< $(FUZZ_WITH_$*) build/fuzz/libspnego.o \
	    $(if $(filter $*,$(FUZZ_INSPECTING)),build/fuzz/inspect.o) \
	    $(if $(filter $*,witness),build/fuzz/witness.o) $(FUZZ_ENGINE)

$(BUILD)/replay-%: fuzz/fuzz_%.c fuzz/replay.c $(LIB_A) build/quiet/witness.o $(STREAM_OBJECTS) \
                   $(FUZZ_SOURCES)
	$(CC) $(TEST_CFLAGS) -MF $@.d -o $@ fuzz/replay.c $< $(FUZZ_WITH_$*) \
	    $(if $(filter $*,$(FUZZ_INSPECTING)),$(STREAM_OBJECTS)) \
	    $(if $(filter $*,witness),build/quiet/witness.o) $(LIB_A)

.PHONY: replay-all $(FUZZ_TARGETS:%=fuzz-%) corpus-all
replay-all: need-test $(FUZZ_TARGETS:%=$(BUILD)/replay-%) corpus-all
corpus-all:
	@for target in $(FUZZ_TARGETS); do \
	    rm -rf build/corpus/$$target && fuzz/seed.sh $$target build/corpus/$$target || exit 1; \
	done

$(FUZZ_TARGETS:%=fuzz-%): fuzz-%: need-fuzz build/fuzz/fuzz-%
	@rm -rf build/fuzz-corpus/$*
	@fuzz/seed.sh $* build/fuzz-corpus/$*
	@fuzz/run.sh build/fuzz/fuzz-$* build/fuzz-corpus/$* $(FUZZ_SECONDS) $(FUZZ_FLOOR_$*)

## fuzz: each target for FUZZ_SECONDS (default 60), fails below its floor of coverage
fuzz:
	@for target in $(FUZZ_TARGETS); do $(MAKE) --no-print-directory -s fuzz-$$target || exit 1; done

## fuzz-build: build/fuzz/fuzz-* alone, with FUZZ_CC, FUZZ_FLAGS and FUZZ_ENGINE (fuzz/README.md)
fuzz-build: need-fuzz $(FUZZ_TARGETS:%=build/fuzz/fuzz-%)

## fuzz-replay: corpora and regressions through every target, no libFuzzer needed
fuzz-replay: replay-all
	@for target in $(FUZZ_TARGETS); do $(BUILD)/replay-$$target build/corpus/$$target || exit 1; done

# ---- What else guards the tree ------------------------------------------------------------------

## prove: Frama-C WP over the receive path and the encoder: goals proven of goals
prove: need-prove
	@tests/proof/prove.sh

## prove-notices: takes checks out, one at a time, and shows that goals stay open
prove-notices: need-prove
	@tests/proof/notices.sh

## bench: instructions, time and allocations per token, beside asn1c's runtime, and per negotiation
bench: need-bench need-test $(BUILD)/bench $(BUILD)/bench-as-shipped $(BUILD)/bench-negotiation
	@tests/bench/bench.sh $(BUILD)/bench $(BUILD)/bench-as-shipped
	@tests/bench/negotiation.sh $(BUILD)/bench-negotiation
$(BUILD)/bench-negotiation: tests/bench/negotiation.c $(LIB_A)
	$(CC) -std=c11 $(CFLAGS) $(VARIANT_FLAGS_$(VARIANT)) $(WARNINGS) -Iinclude -MMD -MF $@.d -o $@ $^
$(BUILD)/bench: tests/bench/bench.c tests/bench/cases.c tests/witness/describe.c \
                build/quiet/witness.o $(LIB_A)
	$(CC) $(TEST_CFLAGS) -MF $@.d -o $@ $^ $(WRAP)
$(BUILD)/bench-as-shipped: tests/bench/bench.c tests/bench/cases.c tests/witness/describe.c \
                           build/shipped/witness.o $(LIB_A)
	$(CC) $(TEST_CFLAGS) -MF $@.d -o $@ $^ $(WRAP)

## bench-capture: tokens found in a capture of thousands of exchanges, beside tshark on the same file
bench-capture: need-bench $(BUILD)/spnego
	$(call install_packages,tshark python3)
	@tests/captures/bench.sh $(BUILD)/spnego

INTEROP_ROWS =
## interop: our SPNEGO against that of MIT krb5, Heimdal, Samba, Java and .NET (root, Debian)
interop: $(LIB_A)
	@CC="$(CC)" CFLAGS="$(CFLAGS) $(VARIANT_FLAGS_$(VARIANT))" RESULTS=$(BUILD)/interop.tsv \
	    tests/interop/run.sh $(LIB_A) $(INTEROP_ROWS)

## interop-socks5: our SOCKS 5 against itself, curl and Dante, over Kerberos (root, Debian; builds Dante once)
interop-socks5: $(LIB_A)
	@tests/interop/dante.sh build/dante || echo "dante: not built, see build/dante/build.log"
	@CC="$(CC)" CFLAGS="$(CFLAGS) $(VARIANT_FLAGS_$(VARIANT))" tests/interop/socks5.sh $(LIB_A) \
	    $$(ls -d build/dante 2>/dev/null)

## interop-http: our HTTP Negotiate with curl, Chromium, Apache and others (root, Debian)
interop-http: $(LIB_A)
	@CC="$(CC)" CFLAGS="$(CFLAGS) $(VARIANT_FLAGS_$(VARIANT))" tests/interop/http.sh $(LIB_A) $(INTEROP_ROWS)
.PHONY: interop-http

## exchanges: records vectors/exchanges/ anew from the run of `make interop` (root, Debian)
exchanges: $(LIB_A)
	@CC="$(CC)" tests/interop/exchanges.sh $(LIB_A) vectors/exchanges

## interop-nns: our MS-NNS against .NET's NegotiateStream, as client and as server (root, Debian)
interop-nns: $(LIB_A)
	@CC="$(CC)" CFLAGS="$(CFLAGS) $(VARIANT_FLAGS_$(VARIANT))" tests/interop/nns.sh $(LIB_A) $(INTEROP_ROWS)

## interop-gss: unmodified programs whose SPNEGO is ours, behind the GSS-API (root, Debian)
interop-gss: $(LIB_A)
	@RESULTS=$(BUILD)/interop-gss.tsv tests/interop/gss/demo.sh

INTEROP_RESULTS = $(BUILD)/interop.tsv $(BUILD)/interop-gss.tsv
## interop-page: the tables of vectors/INTEROPERABILITY.md from these two runs (root, Debian)
interop-page: interop interop-gss
	tests/interop/page.py vectors/INTEROPERABILITY.md $(INTEROP_RESULTS)

## interop-sasl: our SASL, both mechanisms and ends, against Cyrus SASL's over Kerberos (root, Debian)
interop-sasl: $(LIB_A) xmpp
	@CC="$(CC)" CFLAGS="$(CFLAGS) $(VARIANT_FLAGS_$(VARIANT))" tests/interop/sasl.sh $(LIB_A) $(LIB_XMPP)

## interop-carriers: the carriers against real peers, one after the other; a table of what ran (root, Debian)
interop-carriers: $(LIB_A) xmpp
	@tests/interop/carriers.sh

## coverage: lines and branches of the library that the tests reach; rules and requirements without a test
coverage: need-test
	@$(MAKE) --no-print-directory -s check VARIANT=coverage >build/coverage.log || \
	    { tail -n 20 build/coverage.log; exit 1; }
	@cd build/coverage && for f in base der token nego carrier; do \
	    gcov -b -n -o src/$$f ../../src/$$f/*.c 2>/dev/null; done | \
	    awk '/^File .*src\//{gsub("\x27", ""); f = $$2; sub(/.*src\//, "src/", f); next} \
	         /^Lines executed/ && f {split($$0, a, /[:% ]+/); l = a[3]; n = a[5]} \
	         /^Taken at least/ && f {split($$0, a, /[:% ]+/); b = a[5]} \
	         /^Calls|^No calls/ && f {printf "%-32s %6s%% of %4s lines %6s%% of branches\n", f, l, n, b; f = ""; b = ""}'
	@tests/rules_without_vector.sh
	@tests/requirements_without_test.py

## lint: layers, forbidden calls, exports, headers alone, format, cppcheck
lint: need-lint $(LIB_A) $(LIB_SO)
	@tests/lint/lint.sh $(BUILD)

## generate: rules.h, oid.h and generated/ (needs asn1c 0.9.28)
generate:
	$(call install_packages,asn1c)
	awk -f src/base/from_def.awk def=src/base/rules.def src/base/rules.h.in >include/spnego/rules.h
	awk -f src/base/from_def.awk def=src/der/oids.def src/der/oid.h.in >include/spnego/oid.h
	asn1/generate.sh

## generate-check: fails if `make generate` changes anything
generate-check: generate
	git diff --exit-code -- generated include

# $(1): the name  $(2): what it is  $(3): further lines
define pkgconfig
printf '%s\n' 'prefix=$(PREFIX)' 'includedir=$${prefix}/include' 'libdir=$(LIBDIR:$(PREFIX)/%=$${prefix}/%)' '' \
	    'Name: $(1)' 'Description: $(2)' 'Version: $(VERSION)' $(3) \
	    >$(DESTDIR)$(LIBDIR)/pkgconfig/$(1).pc
endef

PUBLIC_HEADERS = $(filter-out %/xmpp_xml.h,$(wildcard include/spnego/*.h))
## install: headers, libraries, pkg-config file, command, its page and completions, under DESTDIR and PREFIX
install: all
	install -d $(DESTDIR)$(PREFIX)/include/spnego $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(PUBLIC_HEADERS) $(DESTDIR)$(PREFIX)/include/spnego
	install -m 644 $(LIB_A) $(DESTDIR)$(LIBDIR)
	install -m 755 $(LIB_SO) $(DESTDIR)$(LIBDIR)
	ln -sf $(notdir $(LIB_SO)) $(DESTDIR)$(LIBDIR)/libspnego.so
	install -m 755 $(BUILD)/spnego $(DESTDIR)$(PREFIX)/bin
	install -D -m 644 src/cli/spnego.1 $(DESTDIR)$(PREFIX)/share/man/man1/spnego.1
	install -D -m 644 src/cli/spnego.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/spnego
	install -D -m 644 src/cli/_spnego $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_spnego
	$(call pkgconfig,spnego,SPNEGO (RFC 4178)$(comma) self-contained,'Cflags: -I$${includedir}' \
	    'Libs: -L$${libdir} -lspnego')

## install-xmpp: besides, the archive that reads XML for XMPP, its header and pkg-config file (needs expat)
install-xmpp: install xmpp
	install -m 644 include/spnego/xmpp_xml.h $(DESTDIR)$(PREFIX)/include/spnego
	install -m 644 $(LIB_XMPP) $(DESTDIR)$(LIBDIR)
	$(call pkgconfig,spnego-xmpp,XML for XMPP of spnego,'Requires: spnego expat' \
	    'Libs: -L$${libdir} -lspnego-xmpp')

## uninstall: removes what install and install-xmpp put under DESTDIR and PREFIX
uninstall:
	rm -rf $(DESTDIR)$(PREFIX)/include/spnego
	rm -f $(DESTDIR)$(LIBDIR)/libspnego.a $(DESTDIR)$(LIBDIR)/libspnego.so \
	    $(DESTDIR)$(LIBDIR)/libspnego.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/libspnego-xmpp.a \
	    $(DESTDIR)$(LIBDIR)/pkgconfig/spnego.pc $(DESTDIR)$(LIBDIR)/pkgconfig/spnego-xmpp.pc \
	    $(DESTDIR)$(PREFIX)/bin/spnego $(DESTDIR)$(PREFIX)/share/man/man1/spnego.1 \
	    $(DESTDIR)$(PREFIX)/share/bash-completion/completions/spnego \
	    $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_spnego

VERSION = $(shell sed -n 's/^.define SPNEGO_VERSION "\(.*\)"/\1/p' include/spnego/types.h)

## dist: build/spnego-VERSION.tar.gz, the same bytes each time, unpacked and tried
dist:
	@mkdir -p build
	git archive --format=tar --prefix=spnego-$(VERSION)/ HEAD | gzip -9n >build/spnego-$(VERSION).tar.gz
	rm -rf build/dist && mkdir build/dist && tar -xzf build/spnego-$(VERSION).tar.gz -C build/dist
	$(MAKE) -C build/dist/spnego-$(VERSION) demo >/dev/null
	rm -rf build/dist
	@ls -l build/spnego-$(VERSION).tar.gz

## clean: removes build/
clean:
	rm -rf build

## help: this list
help:
	@sed -n 's/^## \([a-z0-9-]*\): \(.*\)/  \1\t\2/p' Makefile | expand -t 20

# What help lists is no file.
.PHONY: $(shell sed -n 's/^\#\# \([a-z0-9-]*\):.*/\1/p' Makefile)
.SECONDARY:
-include $(shell find build -name '*.d' 2>/dev/null)
