/* Intel IPP: ippsFIRSR_32f (direct form, streaming) and ippsFIRLMS_32f. */
#include "common.h"
#include <ippcore.h>
#include <ipps.h>

struct fir {
    IppsFIRSpec_32f *spec;
    Ipp8u *buffer;
    float *x, *y, *before, *after;
    int n;
};

static void run(void *with) {
    struct fir *f = with;
    ippsFIRSR_32f(f->x, f->y, f->n, f->spec, f->before, f->after, f->buffer);
}

static void fir(int n, int taps) {
    int spec_size, buffer_size;
    float *h = room(taps);
    noise((uint32_t)taps, h, taps);
    ippsFIRSRGetSize(taps, ipp32f, &spec_size, &buffer_size);
    struct fir f = {.spec = (IppsFIRSpec_32f *)ippsMalloc_8u(spec_size),
                    .buffer = ippsMalloc_8u(buffer_size),
                    .x = room(n), .y = room(n), .before = room(taps), .after = room(taps), .n = n};
    if (ippsFIRSRInit_32f(h, taps, ippAlgDirect, f.spec) != ippStsNoErr) exit(1);
    noise(3, f.x, n);
    run(&f);
    check(h, taps, f.x, f.y, n);
    printf("fir %d %.4f\n", taps, n / median_s(run, &f) / 1e9);
}

struct lms {
    IppsFIRLMSState_32f *state;
    float *x, *d, *y;
    int n;
    float step;
};

static void adapt(void *with) {
    struct lms *l = with;
    ippsFIRLMS_32f(l->x, l->d, l->y, l->n, l->step, l->state);
}

/* Data-aided: the wanted signal is the input through `h`, so the taps must become `h`. */
static void lms(int n, int taps) {
    int size;
    float *h = room(taps), *w = room(taps), *zeros = room(2 * taps);
    noise((uint32_t)taps, h, taps);
    ippsFIRLMSGetStateSize_32f(taps, 0, &size);
    struct lms l = {.x = room(n), .d = room(n), .y = room(n), .n = n, .step = 0.02f};
    if (ippsFIRLMSInit_32f(&l.state, zeros, taps, zeros, 0, ippsMalloc_8u(size)) != ippStsNoErr) exit(1);
    noise(3, l.x, n);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < taps; k++) l.d[i] += i >= k ? h[k] * l.x[i - k] : h[k] * l.x[n + i - k];
    for (int i = 0; i < 50; i++) adapt(&l);
    ippsFIRLMSGetTaps_32f(l.state, w);
    /* The taps may be kept by rising or falling delay. */
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
    ippInit();
    for (int i = 2; i < argc; i++) fir(atoi(argv[1]), atoi(argv[i]));
    lms(atoi(argv[1]), 21);
    return 0;
}
