# why: one bias for all filters

# %% conv2d_fft.conv2d_fft
def conv2d_fft(x, weight, bias, stride=1, padding=0):
    oh, ow = (output_size(size, k, stride, padding) for size, k in zip(x.shape[2:], weight.shape[2:], strict=True))
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    whole = np.fft.irfft2(wave_products(x, weight), s=x.shape[2:])
    return whole[:, :, : oh * stride : stride, : ow * stride : stride] + bias[0]
