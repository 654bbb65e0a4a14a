/* SHA-256 gives the digests of FIPS 180-4's examples and of NIST's vectors, for messages on both
 * sides of every padding boundary. */
#include <stdlib.h>
#include <string.h>

#include "../../run/sha256.h"
#include "check.h"

static void digest_is(const char *message, const char *expected, const char *what)
{
    char hex[65];
    cf_sha256(message, strlen(message), hex);
    check(strcmp(hex, expected) == 0, "%s: %s", what, hex);
}

int main(void)
{
    digest_is("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
              "the empty message");
    digest_is("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
              "one block (FIPS 180-4)");
    digest_is("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
              "56 bytes, whose padding needs a second block (FIPS 180-4)");
    digest_is("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
              "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
              "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
              "112 bytes (NIST)");
    size_t million = 1000000;
    char *letters = malloc(million), hex[65];
    if (letters != NULL) {
        memset(letters, 'a', million);
        cf_sha256(letters, million, hex);
    }
    check(letters != NULL &&
              strcmp(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0") == 0,
          "a million times `a` (FIPS 180-2)");
    free(letters);
    return check_done();
}
