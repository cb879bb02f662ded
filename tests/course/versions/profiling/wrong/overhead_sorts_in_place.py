# why: sorts the lists that it was given, to find the middle

# %% overhead.overhead
def overhead(plain, watched, operations):
    def median(numbers):
        numbers.sort()
        half = len(numbers) // 2
        return numbers[half] if len(numbers) % 2 else (numbers[half - 1] + numbers[half]) / 2

    without, with_it = median(plain), median(watched)
    return {"seconds": (with_it - without) / operations, "factor": with_it / without}
