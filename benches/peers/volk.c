/* VOLK has no FIR kernel: tap by tap, multiply by a scalar and add; the faster of the two forms that its
 * kernels allow (the other, a dot product per output, is slower). */
#include "common.h"
#include <volk/volk.h>

struct fir {
    float *h, *record, *product, *y;
    int taps, n;
};

static void run(void *with) {
    struct fir *f = with;
    const float *x = f->record + f->taps - 1;
    unsigned n = (unsigned)f->n;
    volk_32f_s32f_multiply_32f(f->y, x, f->h[0], n);
    for (int k = 1; k < f->taps; k++) {
        volk_32f_s32f_multiply_32f(f->product, x - k, f->h[k], n);
        volk_32f_x2_add_32f(f->y, f->y, f->product, n);
    }
}

static void fir(int n, int taps) {
    struct fir f = {room(taps), room(n + taps), room(n), room(n), taps, n};
    noise((uint32_t)taps, f.h, taps);
    noise(3, f.record + taps - 1, n);
    run(&f);
    check(f.h, taps, f.record + taps - 1, f.y, n);
    printf("fir %d %.4f\n", taps, n / median_s(run, &f) / 1e9);
}

int main(int argc, char **argv) {
    for (int i = 2; i < argc; i++) fir(atoi(argv[1]), atoi(argv[i]));
    return 0;
}
