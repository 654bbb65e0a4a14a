#include "flow_style.h"

#include <math.h>
#include <string.h>

#include "gnuplot.h"
#include "palette.h"

enum { RAMPS = 3, ANCHORS = 3 };

/* Narrow, middling, wide. */
static const unsigned RAMP[RAMPS][ANCHORS] = {
    {0x7FCDBB, 0x1D91C0, 0x0C2C84}, {0xF7A8B8, 0xC51B8A, 0x49006A}, {0xADDD8E, 0x31A354, 0x00441B}};

static unsigned blend(unsigned a, unsigned b, double part)
{
    unsigned color = 0;
    for (int shift = 0; shift < 24; shift += 8) {
        double low = a >> shift & 0xFF, high = b >> shift & 0xFF;
        color |= (unsigned)lround(low + part * (high - low)) << shift;
    }
    return color;
}

static unsigned ramp_color(size_t family, double part)
{
    const unsigned *ramp = RAMP[family % RAMPS];
    return part < 0.5 ? blend(ramp[0], ramp[1], 2 * part) : blend(ramp[1], ramp[2], 2 * part - 1);
}

unsigned cf_family_color(size_t family)
{
    return ramp_color(family, 0.6);
}

/* The first network of a family. */
static bool founds(const cf_result *result, const cf_flow_view *flow)
{
    size_t cursor = 0;
    cf_flow_view other;
    while (cf_flow_next(result, &cursor, &other) && other.index < flow->index)
        if (strcmp(cf_flow_family(result, &other), cf_flow_family(result, flow)) == 0)
            return false;
    return true;
}

static unsigned network_color(const cf_result *result, const cf_flow_view *flow)
{
    size_t cursor = 0, families = 0, widths = 0, narrower = 0;
    bool found = false;
    long width = cf_group_integer(flow->group, "width");
    cf_flow_view other;
    while (cf_flow_next(result, &cursor, &other)) {
        const char *family = cf_flow_family(result, &other);
        bool own = strcmp(family, cf_flow_family(result, flow)) == 0;
        if (family[0] == '\0' || !cf_flow_leads(result, &other))
            continue;
        found = found || own;
        families += !found && founds(result, &other);
        widths += own;
        narrower += own && cf_group_integer(other.group, "width") < width;
    }
    return ramp_color(families, widths < 2 ? 0.5 : (double)narrower / (double)(widths - 1));
}

static size_t count_singles(const cf_result *result, size_t before)
{
    size_t cursor = 0, count = 0;
    cf_flow_view flow;
    while (cf_flow_next(result, &cursor, &flow) && flow.index < before)
        count += cf_flow_family(result, &flow)[0] == '\0';
    return count;
}

bool cf_result_has_networks(const cf_result *result)
{
    size_t cursor = 0;
    cf_flow_view flow;
    while (cf_flow_next(result, &cursor, &flow))
        if (cf_group_text(flow.group, "family")[0] != '\0')
            return true;
    return false;
}

bool cf_result_has_families(const cf_result *result)
{
    return count_singles(result, (size_t)-1) < cf_flow_count(result);
}

/* The family is named where there are several. */
static void write_title(const cf_result *result, const cf_flow_view *flow, char *title, size_t size)
{
    const char *family = cf_flow_family(result, flow);
    size_t cursor = 0;
    bool several = false;
    cf_flow_view other;
    while (cf_flow_next(result, &cursor, &other)) {
        const char *name = cf_flow_family(result, &other);
        several = several || (name[0] != '\0' && strcmp(name, family) != 0);
    }
    snprintf(title, size, "%.60s%sN = %ld", several ? family : "", several ? ", " : "",
             cf_group_integer(flow->group, "width"));
}

cf_flow_style cf_flow_style_of(const cf_result *result, const cf_flow_view *flow)
{
    cf_flow_style style = {.dash = 1, .family = cf_flow_family(result, flow)[0] != '\0'};
    if (style.family) {
        style.color = network_color(result, flow);
        style.width = 0.7;
        style.titled = cf_flow_leads(result, flow);
        write_title(result, flow, style.title, sizeof style.title);
        return style;
    }
    size_t place = count_singles(result, flow->index);
    style.color = cf_palette_flow(place);
    style.dash = cf_palette_dash(place);
    style.width = cf_result_has_families(result) ? 2.8 : 1.7;
    style.titled = true;
    if (cf_flow_width_length(flow) > 0)
        snprintf(style.title, sizeof style.title, "%.60s, N = %ld",
                 cf_group_text(flow->group, "family"), cf_group_integer(flow->group, "width"));
    else
        snprintf(style.title, sizeof style.title, "%s", flow->name);
    return style;
}

size_t cf_legend_names(const cf_result *result, size_t *longest)
{
    size_t cursor = 0, names = 0;
    cf_flow_view flow;
    *longest = 0;
    while (cf_flow_next(result, &cursor, &flow)) {
        cf_flow_style style = cf_flow_style_of(result, &flow);
        size_t length = strlen(style.title);
        names += style.titled;
        *longest = style.titled && length > *longest ? length : *longest;
    }
    return names;
}

void cf_flow_style_write(FILE *script, const cf_flow_style *style, bool titled)
{
    fprintf(script, "with %s lw %g dt %d lc rgb '#%06x' ",
            style->family ? "lines" : "linespoints pt 7 ps 0.22", style->width, style->dash,
            style->color);
    if (titled && style->titled) {
        fputs("title ", script);
        cf_gnuplot_quote(script, style->title);
        fputs(" noenhanced", script);
    } else {
        fputs("notitle", script);
    }
}
