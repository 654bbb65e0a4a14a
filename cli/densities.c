#include "densities.h"

#include <math.h>
#include <string.h>

static const double PI = 3.14159265358979323846;

static bool on_sphere(const cf_result *result)
{
    return strcmp(cf_group_text(cf_result_group(result, "/"), "latent_space"), "sphere") == 0;
}

static bool space_of(bool sphere, size_t d, cf_space *space)
{
    *space = sphere ? (d == 2 ? CF_SPACE_CIRCLE : CF_SPACE_SPHERE)
                    : (d == 1 ? CF_SPACE_LINE : CF_SPACE_PLANE);
    return sphere ? d == 2 || d == 3 : d == 1 || d == 2;
}

/* Nodes until the coordinate that changes along a row begins anew. */
static size_t row_length(const cf_density_series *series)
{
    if (series->space == CF_SPACE_CIRCLE || series->space == CF_SPACE_LINE)
        return series->of.n;
    size_t d = series->space == CF_SPACE_SPHERE ? 3 : 2, k = d == 3 ? 0 : 1, length = 1;
    const double *z = series->of.grid;
    while (length < series->of.n &&
           (z[length * d + k] > z[(length - 1) * d + k]) == (z[d + k] > z[k]))
        length++;
    return length;
}

bool cf_density_series_of(const cf_result *result, const cf_flow_view *flow, cf_density_series *out)
{
    *out = (cf_density_series){0};
    if (!cf_flow_density(flow, &out->of) || out->of.n < 4 ||
        !space_of(on_sphere(result), out->of.d, &out->space))
        return false;
    out->inner = row_length(out);
    return true;
}

bool cf_points_space(const cf_result *result, const cf_latent_view *latent, cf_space *space)
{
    return space_of(on_sphere(result), latent->d, space);
}

bool cf_density_differs(const cf_density_series *series)
{
    size_t n = series->of.n;
    for (size_t k = 0; k < series->of.count; k++)
        for (size_t q = 1; q < series->of.clusters; q++)
            if (memcmp(series->of.values + k * series->of.clusters * n,
                       series->of.values + (k * series->of.clusters + q) * n,
                       n * sizeof(double)) != 0)
                return true;
    return false;
}

double cf_density_at_node(const cf_density_series *series, size_t snapshot, int cluster,
                          size_t node)
{
    const cf_density_view *of = &series->of;
    const double *values = of->values + snapshot * of->clusters * of->n + node;
    double total = 0;
    if (cluster >= 0)
        return values[(size_t)cluster * of->n];
    for (size_t q = 0; q < of->clusters; q++)
        total += of->cluster_mass[q] * values[q * of->n];
    return total;
}

/* By the cubic with the slopes of neighbors (Catmull and Rom), on a period of n nodes or on none.
 */
static double between(const cf_density_series *series, size_t snapshot, int cluster, double place)
{
    size_t n = series->of.n;
    bool periodic = series->space == CF_SPACE_CIRCLE;
    if (!periodic && (place < 0 || place > (double)n - 1))
        return 0;
    double first = floor(place), u = place - first, p[4];
    for (size_t k = 0; k < 4; k++) {
        size_t i = (size_t)first + k; /* one too far */
        if (periodic)
            i = (i + n - 1) % n;
        else
            i = i < 1 ? 0 : i > n ? n - 1 : i - 1;
        p[k] = cf_density_at_node(series, snapshot, cluster, i);
    }
    double slope = p[2] - p[0], second = 2 * p[0] - 5 * p[1] + 4 * p[2] - p[3];
    return p[1] + 0.5 * u * (slope + u * (second + u * (3 * (p[1] - p[2]) + p[3] - p[0])));
}

/* The sphere: latitudes by the cosine from e_1, which falls along a row, and longitudes. */
static double on_ball(const cf_density_series *series, size_t snapshot, int cluster,
                      const double *z)
{
    size_t inner = series->inner, outer = series->of.n / inner, low = 0, high = inner - 1;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (series->of.grid[3 * middle] > z[0])
            low = middle;
        else
            high = middle;
    }
    double a = series->of.grid[3 * low], b = series->of.grid[3 * high];
    double part = fmin(fmax((a - z[0]) / (a - b), 0), 1), turn = atan2(z[2], z[1]) / (2 * PI);
    double place = (turn < 0 ? turn + 1 : turn) * (double)outer, first = floor(place), total = 0;
    for (int k = 0; k < 4; k++) {
        size_t column = ((size_t)first + (size_t)(k / 2)) % outer;
        double weight =
            (k / 2 == 0 ? 1 - (place - first) : place - first) * (k % 2 == 0 ? 1 - part : part);
        total += weight * cf_density_at_node(series, snapshot, cluster,
                                             column * inner + (k % 2 == 0 ? low : high));
    }
    return total;
}

static double on_plane(const cf_density_series *series, size_t snapshot, int cluster,
                       const double *z)
{
    size_t inner = series->inner;
    const double *p = series->of.grid;
    double h = p[3] - p[1], total = 0;
    double x = (z[0] - p[0]) / h, y = (z[1] - p[1]) / h;
    if (x < 0 || y < 0 || x >= (double)inner - 1 || y >= (double)inner - 1)
        return 0;
    size_t i = (size_t)x, j = (size_t)y;
    for (int k = 0; k < 4; k++) {
        double a = k / 2 == 0 ? 1 - (x - (double)i) : x - (double)i;
        double b = k % 2 == 0 ? 1 - (y - (double)j) : y - (double)j;
        total += a * b *
                 cf_density_at_node(series, snapshot, cluster,
                                    (i + (size_t)(k / 2)) * inner + j + (size_t)(k % 2));
    }
    return total;
}

double cf_density_at(const cf_density_series *series, size_t snapshot, int cluster, const double *z)
{
    if (series->space == CF_SPACE_SPHERE)
        return on_ball(series, snapshot, cluster, z);
    if (series->space == CF_SPACE_PLANE)
        return on_plane(series, snapshot, cluster, z);
    double n = (double)series->of.n;
    if (series->space == CF_SPACE_LINE)
        return between(series, snapshot, cluster,
                       (z[0] - series->of.grid[0]) / (series->of.grid[1] - series->of.grid[0]));
    double turn = z[0] / (2 * PI);
    return between(series, snapshot, cluster, (turn - floor(turn)) * n);
}

size_t cf_nearest_time(const double *times, size_t count, double time)
{
    size_t nearest = 0;
    double least = INFINITY;
    for (size_t k = 0; k < count; k++) {
        double distance = fabs(log((times[k] + 1e-12) / (time + 1e-12)));
        if (distance < least) {
            least = distance;
            nearest = k;
        }
    }
    return nearest;
}

static double largest(const cf_density_series *series, size_t snapshot)
{
    double most = 0;
    for (size_t i = 0; i < series->of.n; i++)
        most = fmax(most, cf_density_at_node(series, snapshot, CF_ALL_CLUSTERS, i));
    return most;
}

bool cf_densities_scale(const cf_result *result, cf_space a, cf_space b, double scale[2])
{
    size_t cursor = 0;
    cf_flow_view flow;
    cf_density_series series;
    scale[0] = INFINITY;
    scale[1] = 0;
    while (cf_flow_next(result, &cursor, &flow)) {
        if (!cf_density_series_of(result, &flow, &series) ||
            (series.space != a && series.space != b))
            continue;
        for (size_t k = 0; k < series.of.count; k++)
            scale[1] = fmax(scale[1], largest(&series, k));
        scale[0] = fmin(scale[0], largest(&series, series.of.count - 1) / 10);
    }
    scale[0] = fmax(scale[0], 1e-6 * scale[1]);
    return scale[1] > 0 && isfinite(scale[1]);
}

void cf_densities_write_palette(FILE *script, const double scale[2])
{
    fprintf(script,
            "set palette defined (0 '#ffffff', 1 '#e4f2ee', 2 '#c7e9b4', 3 '#7fcdbb', 4 '#41b6c4', "
            "5 '#1d91c0', 6 '#225ea8', 7 '#253494', 8 '#081d58')\nset logscale cb\n"
            "set cbrange [%.6g:%.6g]\nset format cb '10^{%%L}'\n"
            "set cbtics font ',10' textcolor '#333333'\n"
            "set cblabel 'density' offset 0.4,0 textcolor '#222222'\n",
            scale[0], scale[1]);
}
