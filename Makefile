# spnego: `make` builds the library and the command, `make help` lists everything else.
#
# `make` and `make demo` need a C compiler and make.  What the other targets need besides is
# installed by them on Debian when they run as root; otherwise they print the line that installs it.

CC = cc
CFLAGS = -O2 -g
WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
PREFIX = /usr/local
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
VARIANT_CC_clang = clang
VARIANT_CC_m32 = i686-linux-gnu-gcc
override CC := $(or $(VARIANT_CC_$(VARIANT)),$(CC))

INCLUDES = -Iinclude -Isrc -Isrc/der/asn1c -Igenerated
ALL_CFLAGS = -std=c11 $(CFLAGS) $(VARIANT_FLAGS_$(VARIANT)) $(WARNINGS) $(INCLUDES) -fPIC \
             -fvisibility=hidden -MMD -MP

# NegState.c holds functions that write into their own table; src/der/asn1c/ has its descriptor.
GENERATED = $(filter-out generated/NegState.c,$(wildcard generated/*.c))
LIB_SOURCES = $(wildcard src/base/*.c src/der/*.c src/der/asn1c/*.c src/token/*.c) $(GENERATED)
LIB_OBJECTS = $(LIB_SOURCES:%.c=$(BUILD)/%.o)
INSPECT_OBJECTS = $(patsubst %.c,$(BUILD)/%.o,$(wildcard src/inspect/*.c))
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

# One object, with everything but spnego_* made local, so that only that leaves the archive too.
$(LIB_A): $(LIB_OBJECTS)
	$(CC) $(filter -m32,$(CFLAGS)) -nostdlib -r -o $(BUILD)/libspnego.o $(LIB_OBJECTS)
	objcopy --localize-hidden $(BUILD)/libspnego.o
	rm -f $@
	ar rcsD $@ $(BUILD)/libspnego.o

$(LIB_SO): $(LIB_OBJECTS)
	$(CC) $(CFLAGS) $(VARIANT_FLAGS_$(VARIANT)) -shared -Wl,-soname,libspnego.so.$(SOVERSION) \
	    -o $@ $(LIB_OBJECTS)

$(BUILD)/libspnego.so: $(LIB_SO)
	ln -sf $(<F) $@

$(BUILD)/spnego: $(CLI_OBJECTS) $(INSPECT_OBJECTS) $(LIB_A)
	$(CC) $(CFLAGS) $(VARIANT_FLAGS_$(VARIANT)) -o $@ $^

## help: this list
help:
	@sed -n 's/^## \([a-z-]*\): \(.*\)/  \1\t\2/p' Makefile | expand -t 18

.PHONY: all help
-include $(shell find build -name '*.d' 2>/dev/null)
