"""Spectra of the loss E3 on products of spheres by automatic differentiation (E90, E92), for tests/data/spectra.txt.

The loss is written down anew, as a function of normal coordinates: z_i = exp_{z_i}(F_i^T w_i/sqrt(m_i)) with orthonormal
frames F_i of the tangent spaces, in which the Riemannian Hessian at any point is the matrix of second derivatives. Points are
random, and not stationary. Usage: python make_reference.py > tests/data/spectra.txt   (needs jax)."""
import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
PSI = {"log1p": jnp.log1p, "log": jnp.log, "identity": lambda q: q}
CASES = [("log1p", "exponential", 1.0, 0.3, 6, 3), ("log", "exponential", 1.0, 0.1, 7, 2), ("identity", "power", 1.5, 0.5, 5, 4),
         ("log1p", "power", 0.7, 0.05, 6, 3), ("log", "power", 2.0, 2.0, 4, 5)]


def eta(s, kind, exponent, tau):
    return jnp.exp(-s / tau) if kind == "exponential" else (1 + s / tau) ** -exponent


def geodesic(z, v):
    """exp_z(v), smooth at v = 0: cos and sinc are power series in |v|^2."""
    square = jnp.sum(v * v, axis=-1, keepdims=True)
    cosine = 1 - square / 2 + square**2 / 24
    sinc = 1 - square / 6 + square**2 / 120
    return cosine * z + sinc * v


def frame(z):
    """Rows: an orthonormal basis of the tangent space at z."""
    q, _ = np.linalg.qr(np.column_stack([z, np.eye(len(z))]))
    return q[:, 1:len(z)].T


def main():
    random = np.random.default_rng(90)
    for psi, kind, exponent, tau, n, d in CASES:
        z = random.normal(size=(n, d))
        z /= np.linalg.norm(z, axis=1, keepdims=True)
        m = random.uniform(0.5, 1.5, n)
        m /= m.sum()
        frames = np.array([frame(row) for row in z])

        def potential(x, y):
            return eta(jnp.sum((x[:, None] - y[None]) ** 2, axis=2) / 2, kind, exponent, tau)

        def loss(w):
            y = geodesic(z, jnp.einsum("ikd,ik->id", frames, w.reshape(n, d - 1)) / np.sqrt(m)[:, None])
            return jnp.sum(m * PSI[psi](potential(y, y) @ m))

        slope = jax.vmap(jax.grad(PSI[psi]))(potential(z, z) @ m)

        def phi(v, i):
            y = geodesic(z[i], frames[i].T @ v)[None]
            values = potential(y, z)[0]
            return PSI[psi](values @ m) + values @ (m * slope)

        values = np.linalg.eigvalsh(jax.hessian(loss)(jnp.zeros(n * (d - 1))))
        print(f"case {psi} {kind} {exponent} {tau} {n} {d}")
        for i in range(n):
            parting = np.linalg.eigvalsh(jax.hessian(phi)(jnp.zeros(d - 1), i))
            print(" ".join(f"{x:.17g}" for x in [m[i], *z[i], *parting]))
        print(" ".join(f"{x:.17g}" for x in values))


main()
