#!/usr/bin/env python3
"""Writes tests/data/kernels.csv: neural kernels E11 of pairs of points, from 50-digit arithmetic.

    python3 -m venv venv && venv/bin/pip install mpmath gmpy2
    venv/bin/python validation/kernels/make_reference.py > tests/data/kernels.csv

Takes about four minutes. With neural-tangents installed too (pip install neural-tangents==0.6.5
jax==0.4.23 jaxlib==0.4.23 tf2jax==0.3.6 'numpy<2' 'scipy<1.13'), `make_reference.py --cross-check <
tests/data/kernels.csv` compares the file with that package in double precision, for the activations
that it has; the largest difference was 2.3e-15 of the diagonal. Left out of it are the pairs whose
small angles that package loses, and the origin, where its convention at the kink differs.

Independent of the program: relu, leaky-relu and abs by the formulas of E12 in K itself, erf by its
arcsine; the smooth rest, gelu included, by the trapezoidal rule in the plane. Two-dimensional rules
are checked on erf, and the kinked formulas on integrals over the angle, before anything is written.
"""
import sys

from mpmath import acos, asin, atan, cos, erf, erfc, exp, log, mp, mpf, pi, quad, sin, sqrt, tanh

mp.dps = 50
GOAL = mpf(10) ** -20  # accuracy of the trapezoidal rules


def relu_pair(qx, qy, k):
    size = sqrt(qx * qy)
    if size == 0:
        return mpf(0), mpf(1) / 4
    c = max(min(k / size, mpf(1)), mpf(-1))
    t = acos(c)
    return size * (sin(t) + (pi - t) * c) / (2 * pi), (pi - t) / (2 * pi)


def leaky_pair(slope):
    def pair(qx, qy, k):
        value, derivative = relu_pair(qx, qy, k)
        a = mpf(slope)
        return (a * a * k + a * (1 - a) * k + (1 - a) ** 2 * value,
                a * a + a * (1 - a) + (1 - a) ** 2 * derivative)
    return pair


def erf_pair(qx, qy, k):
    p = (1 + 2 * qx) * (1 + 2 * qy)
    return 2 / pi * asin(2 * k / sqrt(p)), 4 / pi / sqrt(p - 4 * k * k)


def erf_functions(u):
    return erf(u), 2 / sqrt(pi) * exp(-u * u)


def gelu_functions(u):
    distribution = erfc(-u / sqrt(mpf(2))) / 2
    return u * distribution, distribution + u * exp(-u * u / 2) / sqrt(2 * pi)


def tanh_functions(u):
    value = tanh(u)
    return value, 1 - value * value


def softplus_functions(u):
    e = exp(u)
    return log(1 + e), e / (1 + e)


def nodes(scale, strip):
    """Step and reach of a rule for exp(-p^2/2) f(scale p), f analytic for |Im| < strip, or entire of
    the growth exp(y^2) (erf, gelu: strip None)."""
    budget = -log(GOAL) + 6
    if strip is None:
        step = 2 * pi / sqrt(2 * budget * (1 + 4 * scale * scale))
    else:
        y = min(strip / max(scale, mpf(10) ** -10), sqrt(2 * budget))
        step = 2 * pi / (budget / y + y / 2)
    return step, int(sqrt(2 * budget) / step) + 3


def plane_pair(functions, strip):
    """E over u = a s p + a t r, v = b s p - b t r with independent normal p, r."""
    def pair(qx, qy, k):
        a, b = sqrt(qx), sqrt(qy)
        c = k / (a * b) if a * b > 0 else mpf(0)
        s, t = sqrt(max(1 + c, mpf(0)) / 2), sqrt(max(1 - c, mpf(0)) / 2)
        top = max(a, b)
        hp, np = nodes(top * s, strip)
        hr, nr = nodes(top * t, strip)
        weight_p = [hp * exp(-(hp * i) ** 2 / 2) / sqrt(2 * pi) for i in range(np)]
        weight_r = [hr * exp(-(hr * j) ** 2 / 2) / sqrt(2 * pi) for j in range(nr)]
        if t < mpf(10) ** -40:
            hr, nr, weight_r = mpf(1), 1, [mpf(1)]
        value = derivative = mpf(0)
        for i in range(-np + 1, np):
            for j in range(-nr + 1, nr):
                weight = weight_p[abs(i)] * weight_r[abs(j)]
                if weight < GOAL / 10 ** 6:
                    continue
                center, offset = s * hp * i, t * hr * j
                fu, du = functions(a * (center + offset))
                fv, dv = (fu, du) if t < mpf(10) ** -40 and a == b else functions(b * (center - offset))
                value += weight * fu * fv
                derivative += weight * du * dv
        return value, derivative
    return pair


PAIRS = {
    "relu": relu_pair,
    "leaky-relu": leaky_pair("0.2"),
    "abs": leaky_pair(-1),
    "erf": erf_pair,
    "gelu": plane_pair(gelu_functions, None),
    "tanh": plane_pair(tanh_functions, pi / 2),
    "softplus": plane_pair(softplus_functions, pi),
}
SLOPE = {"leaky-relu": "0.2"}

# Names are for the reader; D = 3, so that diag K^1 = sigma_w^2 |x|^2 / 3 + sigma_b^2.
POINTS = [
    ("generic", (1.0, -0.5, 0.75), (0.25, 1.5, -0.625)),
    ("same", (1.0, -0.5, 0.75), (1.0, -0.5, 0.75)),
    ("near", (1.0, -0.5, 0.75), (1.0 + 2.0 ** -26, -0.5, 0.75 - 2.0 ** -25)),
    ("antipodal", (1.25, 0.5, -1.0), (-1.25, -0.5, 1.0)),
    ("orthogonal", (1.5, 0.0, 0.0), (0.0, 1.0, 0.5)),
    ("parallel", (0.375, -0.75, 1.0), (0.75, -1.5, 2.0)),
    ("large", (2.5, -2.0, 1.875), (1.5, 2.75, -2.0)),
    ("large-near", (2.5, -2.0, 1.875), (2.5, -2.0, 1.875 - 2.0 ** -12)),
    ("zero", (0.0, 0.0, 0.0), (0.5, 1.0, -1.0)),
]
VARIANCES = [("2", "0.1"), ("1", "0"), ("1.5", "0.5")]
DEPTH = 6


def kernels(pair, x, y, weight, bias):
    """Rows (Kxx, Kxy, Kyy, Txx, Txy, Tyy) for 1 .. DEPTH hidden layers."""
    def dot(u, v):
        return sum(mpf(p) * mpf(q) for p, q in zip(u, v))
    k = [weight * dot(u, v) / len(x) + bias for u, v in ((x, x), (x, y), (y, y))]
    theta = list(k)
    for _ in range(DEPTH):
        moments = [pair(k[0], k[0], k[0]), pair(k[0], k[2], k[1]), pair(k[2], k[2], k[2])]
        k = [weight * value + bias for value, _ in moments]
        theta = [new + weight * derivative * old
                 for new, (_, derivative), old in zip(k, moments, theta)]
        yield k + theta


def check_rules():
    case = (mpf("1.5"), mpf("4"), mpf("2.1"))
    for by_rule, exact in zip(plane_pair(erf_functions, None)(*case), erf_pair(*case)):
        assert abs(by_rule - exact) < GOAL * 100, (by_rule, exact)
    for slope in ("0", "0.2", "-1"):
        check_kinks(mpf(slope))


def check_kinks(slope):
    """By polar coordinates: (u, v) = r (cos w, cos(w - t)), E r^2 = 2, w uniform."""
    t, third = mpf("0.9"), [0, pi / 2, mpf("0.9") + pi / 2, 3 * pi / 2, mpf("0.9") + 3 * pi / 2, 2 * pi]

    def phi(u):
        return u if u > 0 else slope * u

    def dphi(u):
        return mpf(1) if u > 0 else slope
    value = quad(lambda w: phi(cos(w)) * phi(cos(w - t)), third) / pi
    derivative = quad(lambda w: dphi(cos(w)) * dphi(cos(w - t)), third) / (2 * pi)
    expected = leaky_pair(slope)(mpf(1), mpf(1), cos(t))
    assert abs(value - expected[0]) < GOAL and abs(derivative - expected[1]) < GOAL, slope


def write():
    check_rules()
    print("activation,slope,pair,weight_variance,bias_variance,depth,x0,x1,x2,y0,y1,y2,"
          "Kxx,Kxy,Kyy,Txx,Txy,Tyy")
    for name, pair in PAIRS.items():
        for label, x, y in POINTS:
            for weight, bias in VARIANCES:
                rows = kernels(pair, x, y, mpf(float(weight)), mpf(float(bias)))
                for depth, row in enumerate(rows, 1):
                    print(",".join([name, SLOPE.get(name, "0"), label, weight, bias, str(depth)]
                                   + [repr(v) for v in x + y] + [mp.nstr(v, 18) for v in row]))
            sys.stdout.flush()


def cross_check():
    import csv
    import jax
    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp
    import neural_tangents
    from neural_tangents import stax
    layers = {"relu": stax.Relu, "abs": stax.Abs, "erf": stax.Erf, "gelu": stax.Gelu,
              "leaky-relu": lambda: stax.LeakyRelu(0.2)}
    worst = {}
    for row in csv.DictReader(sys.stdin):
        if row["activation"] not in layers or row["pair"] in ("near", "large-near", "zero"):
            continue
        dense = dict(W_std=float(row["weight_variance"]) ** 0.5, b_std=float(row["bias_variance"]) ** 0.5)
        blocks = [stax.Dense(1, **dense)]
        for _ in range(int(row["depth"])):
            blocks += [layers[row["activation"]](), stax.Dense(1, **dense)]
        kernel = stax.serial(*blocks)[2]
        x = jnp.array([[float(row[p + i]) for i in "012"] for p in "xy"])
        found = kernel(x, None, ("nngp", "ntk"))
        for key, matrix in (("K", found.nngp), ("T", found.ntk)):
            scale = max(float(row[key + "xx"]), float(row[key + "yy"]))
            for entry, value in (("xx", matrix[0, 0]), ("xy", matrix[0, 1]), ("yy", matrix[1, 1])):
                error = abs(float(value) - float(row[key + entry])) / scale
                cell = row["activation"], row["pair"]
                worst[cell] = float(jnp.maximum(worst.get(cell, 0.0), error))
    print("neural-tangents", neural_tangents.__version__)
    for cell, error in sorted(worst.items()):
        print("%-12s %-12s %.2g" % (*cell, error))


if __name__ == "__main__":
    cross_check() if "--cross-check" in sys.argv else write()
