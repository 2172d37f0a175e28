/* What the peers written in C share: data, clock, check and the printed line.
 *
 * A peer is a program `peer BLOCK TAPS...`. It prints one line `fir TAPS GSYM_PER_S` (or
 * `lms TAPS NS_PER_SYMBOL`) for each number of taps, after its answer was found right. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 7
#define SLICE_S 0.01

/* Reproducible numbers in -1..1. */
static void noise(uint32_t seed, float *x, int n) {
    uint32_t s = seed * 2654435761u | 1u;
    for (int i = 0; i < n; i++) {
        s ^= s << 13;
        s ^= s >> 17;
        s ^= s << 5;
        x[i] = (float)(s >> 8) / (float)(1u << 23) - 1.0f;
    }
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int rising(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Median seconds of one call over all rounds, each about SLICE_S long. */
static double median_s(void (*work)(void *), void *with) {
    double seconds[ROUNDS];
    work(with);
    double start = now();
    work(with);
    double once = now() - start;
    long repeats = (long)(SLICE_S / (once > 1e-8 ? once : 1e-8));
    if (repeats < 1) repeats = 1;
    for (int r = 0; r < ROUNDS; r++) {
        start = now();
        for (long i = 0; i < repeats; i++) work(with);
        seconds[r] = (now() - start) / (double)repeats;
    }
    qsort(seconds, ROUNDS, sizeof *seconds, rising);
    return seconds[ROUNDS / 2];
}

/* Ends the program unless y[n] = sum_k h[k] x[n - k], zeros before x, for every n. */
static void check(const float *h, int taps, const float *x, const float *y, int n) {
    for (int i = 0; i < n; i++) {
        double sum = 0.0;
        for (int k = 0; k < taps && k <= i; k++) sum += (double)h[k] * (double)x[i - k];
        if (!(fabs(sum - (double)y[i]) < 1e-4)) {
            fprintf(stderr, "wrong answer: output %d is %g, should be %g\n", i, y[i], sum);
            exit(1);
        }
    }
}

static float *room(int n) {
    float *p = NULL;
    if (posix_memalign((void **)&p, 64, ((size_t)n + 64) * sizeof *p)) exit(1);
    memset(p, 0, ((size_t)n + 64) * sizeof *p);
    return p;
}

/* Ends the program unless the taps are those of the known channel `h`. */
__attribute__((unused)) static void check_taps(const float *w, const float *h, int taps) {
    for (int k = 0; k < taps; k++) {
        if (!(fabsf(w[k] - h[k]) < 1e-3f)) {
            fprintf(stderr, "wrong answer: tap %d is %g, should be %g\n", k, w[k], h[k]);
            exit(1);
        }
    }
}
