#include "toy_setting.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

typedef struct word {
    const char *name;
    uint32_t bit;
} word;

#define FLAG(name) \
    { \
#name, SPNEGO_FLAG_##name \
    }
static const word flags[] = {FLAG(DELEG),     FLAG(MUTUAL),       FLAG(REPLAY),  FLAG(SEQUENCE),
                             FLAG(CONF),      FLAG(INTEG),        FLAG(ANON),    FLAG(TRANS),
                             FLAG(NEEDS_MIC), FLAG(EMPTY_TOKENS), FLAG(IDENTIFY)};

#define OPTION(name) \
    { \
#name, SPNEGO_OPTION_##name \
    }
static const word options[] = {
    OPTION(NO_OPTIMISTIC_TOKEN), OPTION(OWN_ORDER),      OPTION(REQUIRE_MIC), OPTION(NO_FALLBACK),
    OPTION(TRY_NEXT_MECH),       OPTION(TAKE_FRAGMENTS), OPTION(BARE),        OPTION(TAKE_BARE)};

#define LIE(name) \
    { \
#name, TOY_##name \
    }
static const word lies[] = {LIE(FAILS),
                            LIE(FAILS_SILENTLY),
                            LIE(UNAVAILABLE),
                            LIE(CONTINUES_SILENTLY),
                            LIE(COMPLETES_SILENTLY),
                            LIE(COMPLETES_EARLY),
                            LIE(UNKNOWN_RESULT),
                            LIE(WRITES_NULL),
                            LIE(WRITES_HUGE),
                            LIE(PENDS),
                            LIE(PENDS_THEN_FAILS),
                            LIE(PENDS_WRITING),
                            LIE(REENTERS),
                            LIE(MIC_FAILS),
                            LIE(MIC_SILENT),
                            LIE(VERIFY_FAILS),
                            LIE(VERIFY_CONTINUES)};

static uint32_t bit_of(const word *words, size_t num, const char *name, const char *path)
{
    for (size_t i = 0; i < num; i++)
        if (strcmp(words[i].name, name) == 0)
            return words[i].bit;
    cr_assert_fail("%s: no such word: %s", path, name);
    return 0;
}

static uint32_t quirk_of(const char *name, const char *path)
{
    for (uint32_t bit = 1; bit <= SPNEGO_QUIRKS_INTEROPERABLE; bit <<= 1)
        if (strcmp(spnego_quirk_name(bit), name) == 0)
            return bit;
    cr_assert_fail("%s: no such quirk: %s", path, name);
    return 0;
}

/* The bits of a value of several words. */
static uint32_t bits_of(const word *words, size_t num, const char *value, const char *path)
{
    uint32_t bits = 0;
    char copy[128];

    snprintf(copy, sizeof copy, "%s", value);
    for (char *name = strtok(copy, " "); name != NULL; name = strtok(NULL, " "))
        bits |= words == NULL ? quirk_of(name, path) : bit_of(words, num, name, path);
    return bits;
}

/* "strict", "interoperable", and for one quirk "strict but NAME" and "interoperable but NAME". */
static void set_profile(spnego_config *config, const char *value, const char *path)
{
    const char *but = strstr(value, " but ");
    const size_t len = strcspn(value, " ");

    if (strncmp(value, "strict", len) == 0)
        spnego_config_strict(config);
    else
        cr_assert(strncmp(value, "interoperable", len) == 0, "%s: no profile: %s", path, value);
    if (but != NULL)
        config->quirks ^= quirk_of(but + 5, path);
}

uint32_t toy_flags_of(const char *names, const char *path)
{
    return bits_of(flags, LEN(flags), names, path);
}

static int set_in_toy(toy_mech *toy, const char *name, const char *value, const char *path)
{
    if (strcmp(name, "legs") == 0)
        toy->legs = atoi(value);
    else if (strcmp(name, "flags") == 0)
        toy->flags = bits_of(flags, LEN(flags), value, path);
    else if (strcmp(name, "lie") == 0)
        toy->lie = (toy_lie)bit_of(lies, LEN(lies), value, path);
    else if (strcmp(name, "lie_at") == 0)
        toy->lie_at = atoi(value);
    else if (strcmp(name, "no_credential") == 0)
        toy->no_credential = 1;
    else if (strcmp(name, "token_len") == 0)
        toy->token_len = (size_t)atoi(value);
    else if (strcmp(name, "signature") == 0)
        toy->signature = atoi(value);
    else if (strcmp(name, "grants_only_asked") == 0)
        toy->grants_only_asked = atoi(value);
    else if (strcmp(name, "huge") == 0)
        toy->huge = (size_t)atoi(value);
    else if (strcmp(name, "gss_major") == 0)
        toy->gss_major = (uint32_t)strtoul(value, NULL, 16);
    else if (strcmp(name, "empty_leg") == 0)
        toy->empty_legs = 1u << atoi(value);
    else
        return 0;
    return 1;
}

int toy_set(toy_side *side, const char *name, const char *value, const char *path)
{
    static const char letters[] = "XYZM";
    toy_mech *const toys[] = {&side->x, &side->y, &side->z, &side->ms};
    int known = 1;

    if (strcmp(name, "options") == 0)
        side->config.options = bits_of(options, LEN(options), value, path);
    else if (strcmp(name, "required_flags") == 0)
        side->config.required_flags = toy_flags_of(value, path);
    else
        known = 0;
    for (size_t i = 0; i < LEN(toys); i++) {
        if (name[0] == letters[i] && name[1] == '.')
            known |= set_in_toy(toys[i], name + 2, value, path);
        else
            known |= set_in_toy(toys[i], name, value, path);
    }
    return known;
}

void toy_set_up(toy_side *side, spnego_role role, const char *mechs, const char *profile,
                const char *path)
{
    char letters[8];
    size_t num = 0;

    cr_assert(mechs != NULL && profile != NULL, "%s: no mechs or profile", path);
    for (; *mechs != '\0'; mechs++)
        if (*mechs != ' ' && num < sizeof letters - 1)
            letters[num++] = *mechs;
    letters[num] = '\0';
    toy_side_init(side, role, TOY_INTEROPERABLE, letters, 2, 0);
    set_profile(&side->config, profile, path);
}
