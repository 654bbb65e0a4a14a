#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "section.h"
#include "section_parts.h"

void cf_number_print(FILE *stream, double value)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    fputs(text, stream);
}

/* A word that YAML reads back as the same text without quotes. */
static bool is_plain(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char others[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-";
    return text[0] != '\0' && strchr(letters, text[0]) != NULL &&
           text[strspn(text, others)] == '\0' && strcmp(text, "null") != 0;
}

/* Decodes one character of valid UTF-8; *length is its bytes. */
static uint32_t decode(const unsigned char *text, size_t *length)
{
    *length = text[0] < 0x80 ? 1 : text[0] < 0xE0 ? 2 : text[0] < 0xF0 ? 3 : 4;
    uint32_t code = *length == 1 ? text[0] : text[0] & (0xFFu >> (*length + 1));
    for (size_t i = 1; i < *length; i++) {
        if ((text[i] & 0xC0) != 0x80) {
            *length = i;
            break;
        }
        code = code << 6 | (text[i] & 0x3Fu);
    }
    return code;
}

/* Control characters, line breaks, byte order marks and the like. */
static bool needs_escape(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029 ||
           (code >= 0xD800 && code < 0xE000) || code == 0xFEFF || code == 0xFFFE || code == 0xFFFF;
}

void cf_text_print(FILE *stream, const char *text)
{
    if (is_plain(text)) {
        fputs(text, stream);
        return;
    }
    const unsigned char *at = (const unsigned char *)text;
    fputc('"', stream);
    for (size_t length; *at != '\0'; at += length) {
        uint32_t code = decode(at, &length);
        if (code == '"' || code == '\\')
            fprintf(stream, "\\%c", (int)code);
        else if (needs_escape(code))
            fprintf(stream, "\\u%04X", (unsigned)code);
        else
            fwrite(at, 1, length, stream);
    }
    fputc('"', stream);
}

/* Within the folder of the problem file a path is written relative to it, so that a result stays
 * valid where the folder is moved. */
static void print_path(FILE *stream, const char *directory, const char *path)
{
    size_t length = strlen(directory);
    bool slash = length > 0 && directory[length - 1] == '/';
    bool inside = length > 0 && strncmp(path, directory, length) == 0 &&
                  (slash || path[length] == '/') && strcmp(directory, ".") != 0;
    const char *rest = inside ? path + length + !slash : path;
    if (inside && *rest != '\0' && *rest != '/')
        path = rest;
    cf_text_print(stream, path);
}

static void print_reals(FILE *stream, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fputs(i > 0 ? ", " : "[", stream);
        cf_number_print(stream, values[i]);
    }
    fputc(']', stream);
}

static void print_integers(FILE *stream, const cf_integers *list)
{
    for (size_t i = 0; i < list->count; i++)
        fprintf(stream, "%s%ld", i > 0 ? ", " : "[", list->values[i]);
    fputc(']', stream);
}

static void print_choices(FILE *stream, const cf_option *option, const cf_integers *list)
{
    for (size_t i = 0; i < list->count; i++)
        fprintf(stream, "%s%s", i > 0 ? ", " : "[", option->choices[list->values[i]]);
    fputc(']', stream);
}

static void print_texts(FILE *stream, const cf_texts *list)
{
    fputc('[', stream);
    for (size_t i = 0; i < list->count; i++) {
        fputs(i > 0 ? ", " : "", stream);
        cf_text_print(stream, list->values[i]);
    }
    fputc(']', stream);
}

static void print_matrix(FILE *stream, const cf_matrix *matrix)
{
    for (size_t i = 0; i < matrix->rows; i++) {
        fputs(i > 0 ? ", " : "[", stream);
        print_reals(stream, matrix->values + i * matrix->columns, matrix->columns);
    }
    fputc(']', stream);
}

/* A column as the plain list that it was. */
static void print_table(FILE *stream, const cf_matrix *table)
{
    if (table->columns == 1)
        print_reals(stream, table->values, table->rows);
    else
        print_matrix(stream, table);
}

static void print_plain(FILE *stream, const char *directory, const cf_option *option,
                        const void *field)
{
    switch (option->type) {
    case CF_OPTION_BOOL:
        fputs(*(const bool *)field ? "true" : "false", stream);
        break;
    case CF_OPTION_INTEGER:
        if (option->zero != NULL && *(const long *)field == 0)
            fputs(option->zero, stream);
        else
            fprintf(stream, "%ld", *(const long *)field);
        break;
    case CF_OPTION_REAL:
        cf_number_print(stream, *(const double *)field);
        break;
    case CF_OPTION_TEXT:
        cf_text_print(stream, *(char *const *)field);
        break;
    case CF_OPTION_PATH:
        print_path(stream, directory, *(char *const *)field);
        break;
    case CF_OPTION_CHOICE:
        fputs(option->choices[*(const int *)field], stream);
        break;
    case CF_OPTION_CHOICES:
        print_choices(stream, option, field);
        break;
    case CF_OPTION_INTEGERS:
        print_integers(stream, field);
        break;
    case CF_OPTION_TEXTS:
        print_texts(stream, field);
        break;
    case CF_OPTION_REALS:
        print_reals(stream, ((const cf_reals *)field)->values, ((const cf_reals *)field)->count);
        break;
    case CF_OPTION_MATRIX:
        print_matrix(stream, field);
        break;
    case CF_OPTION_TABLE:
        print_table(stream, field);
        break;
    default:
        break;
    }
}

static bool is_list(const cf_variant *variant)
{
    return strcmp(variant->kind->name, "list") == 0;
}

/* Where and how lines are written. */
typedef struct {
    FILE *stream;
    const char *directory;
    bool comment;
    int indent;
} printer;

static void begin_line(printer p)
{
    fprintf(p.stream, "%s%*s", p.comment ? "# " : "", p.indent, "");
}

static printer indented(printer p, int columns)
{
    p.indent += columns;
    return p;
}

static void print_options(printer p, const cf_kind *kind, const void *options);

/* The lines of a variant below its key. */
static void print_variant(printer p, const cf_option *option, const cf_variant *variant)
{
    if (option->type != CF_OPTION_SECTION) {
        begin_line(p);
        fprintf(p.stream, "%s: %s\n", cf_option_selector(option), variant->kind->name);
    }
    print_options(p, variant->kind, variant->options);
}

/* A list of variants: "- " stands before the first line of each. */
static void print_variants(printer p, const cf_option *option, const cf_variants *variants)
{
    for (size_t i = 0; i < variants->count; i++) {
        const cf_variant *item = &variants->items[i];
        begin_line(p);
        fprintf(p.stream, "- %s: %s\n", cf_option_selector(option), item->kind->name);
        print_options(indented(p, 2), item->kind, item->options);
    }
}

/* What follows "key:" of a nested section. */
static void print_nested(printer p, const cf_option *option, const cf_variant *variant)
{
    const cf_option *first = variant->kind->options;
    if (option->type == CF_OPTION_SECTION && variant->kind->count == 0) {
        fputs(" {}\n", p.stream);
    } else if (is_list(variant)) {
        fputc(' ', p.stream);
        print_plain(p.stream, p.directory, first, (const char *)variant->options + first->offset);
        fputc('\n', p.stream);
    } else {
        fputc('\n', p.stream);
        print_variant(indented(p, 2), option, variant);
    }
}

static void print_axes(printer p, const cf_axes *axes)
{
    char indent[64];
    snprintf(indent, sizeof indent, "%s%*s", p.comment ? "# " : "", p.indent, "");
    fputs(axes->count == 0 ? " {}\n" : "\n", p.stream);
    cf_axes_print(p.stream, indent, axes);
}

static void print_option(printer p, const cf_option *option, const void *field)
{
    begin_line(p);
    fprintf(p.stream, "%s:", option->key);
    if (option->type == CF_OPTION_VARIANTS) {
        fputc('\n', p.stream);
        print_variants(indented(p, 2), option, field);
    } else if (option->type == CF_OPTION_AXES) {
        print_axes(indented(p, 2), field);
    } else if (option->type == CF_OPTION_VARIANT || option->type == CF_OPTION_SECTION) {
        print_nested(p, option, field);
    } else {
        fputc(' ', p.stream);
        print_plain(p.stream, p.directory, option, field);
        fputc('\n', p.stream);
    }
}

/* A section that was not given, where giving it has a meaning: its defaults as comments. */
static bool is_comment(const cf_option *option, const void *field)
{
    return option->type == CF_OPTION_SECTION && option->fallback != NULL &&
           strcmp(option->fallback, "~") == 0 && ((const cf_variant *)field)->line == 0;
}

static void print_options(printer p, const cf_kind *kind, const void *options)
{
    for (size_t i = 0; i < kind->count; i++) {
        const cf_option *option = &kind->options[i];
        const void *field = (const char *)options + option->offset;
        printer line = p;
        line.comment = p.comment || is_comment(option, field);
        bool absent =
            option->type == CF_OPTION_SECTION && ((const cf_variant *)field)->kind == NULL;
        if (!absent && cf_option_applies(kind, option, options))
            print_option(line, option, field);
    }
}

void cf_options_print(FILE *stream, const char *directory, const cf_kind *kind, const void *options)
{
    print_options((printer){stream, directory, false, 0}, kind, options);
}
