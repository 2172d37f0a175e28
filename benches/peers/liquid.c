/* liquid-dsp: firfilt_rrrf_execute_block and eqlms_rrrf. */
#include <complex.h>
#include "common.h"
#include <liquid/liquid.h>

struct fir {
    firfilt_rrrf q;
    float *x, *y;
    int n;
};

static void run(void *with) {
    struct fir *f = with;
    firfilt_rrrf_execute_block(f->q, f->x, (unsigned)f->n, f->y);
}

static void fir(int n, int taps) {
    float *h = room(taps);
    noise((uint32_t)taps, h, taps);
    struct fir f = {firfilt_rrrf_create(h, (unsigned)taps), room(n), room(n), n};
    noise(3, f.x, n);
    run(&f);
    check(h, taps, f.x, f.y, n);
    printf("fir %d %.4f\n", taps, n / median_s(run, &f) / 1e9);
    firfilt_rrrf_destroy(f.q);
}

struct lms {
    eqlms_rrrf q;
    float *x, *d;
    int n;
};

static void adapt(void *with) {
    struct lms *l = with;
    for (int i = 0; i < l->n; i++) {
        float y;
        eqlms_rrrf_push(l->q, l->x[i]);
        eqlms_rrrf_execute(l->q, &y);
        eqlms_rrrf_step(l->q, l->d[i], y);
    }
}

static void lms(int n, int taps) {
    float *h = room(taps), *w = room(taps);
    noise((uint32_t)taps, h, taps);
    struct lms l = {eqlms_rrrf_create(NULL, (unsigned)taps), room(n), room(n), n};
    eqlms_rrrf_set_bw(l.q, 0.3f);
    noise(3, l.x, n);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < taps; k++) l.d[i] += i >= k ? h[k] * l.x[i - k] : h[k] * l.x[n + i - k];
    for (int i = 0; i < 50; i++) adapt(&l);
    eqlms_rrrf_copy_coefficients(l.q, w);
    if (fabsf(w[0] - h[0]) > 1e-3f)
        for (int k = 0; k < taps / 2; k++) {
            float t = w[k];
            w[k] = w[taps - 1 - k];
            w[taps - 1 - k] = t;
        }
    check_taps(w, h, taps);
    printf("lms %d %.2f\n", taps, median_s(adapt, &l) / n * 1e9);
}

int main(int argc, char **argv) {
    for (int i = 2; i < argc; i++) fir(atoi(argv[1]), atoi(argv[i]));
    lms(atoi(argv[1]), 21);
    return 0;
}
