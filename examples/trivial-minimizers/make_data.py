"""Writes the three data sets of this example: the same 160 labels and masses, other geometry. Usage: python make_data.py"""
import math
import random

CENTERS = [(-1, -1), (-1, 1), (1, -1), (1, 1)]
EACH = 40


def disc(number, center, radius):
    r, angle = radius * math.sqrt(number.random()), 2 * math.pi * number.random()
    return center[0] + r * math.cos(angle), center[1] + r * math.sin(angle)


def write(name, points, labels):
    with open(f"{name}.csv", "w") as stream:
        print("x0,x1,label", file=stream)
        for (x, y), label in zip(points, labels):
            print(f"{x:.6f},{y:.6f},{label}", file=stream)


number = random.Random(1)
labels = [k for k in range(4) for _ in range(EACH)]
clustered = [disc(number, CENTERS[k], 0.3) for k in labels]
write("clustered", clustered, labels)

# Uniform in one disc; the label is the quadrant, so that neighbors still share it.
unclustered = []
for k in labels:
    x, y = disc(number, (0, 0), 1.6)
    unclustered.append((math.copysign(x, CENTERS[k][0]), math.copysign(y, CENTERS[k][1])))
write("unclustered", unclustered, labels)

permuted = labels[:]
number.shuffle(permuted)
write("permuted", clustered, permuted)
