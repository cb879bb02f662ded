# why: list.pop() takes the last one: the line that was used just now has to go

# %% count_misses.count_misses
def count_misses(addresses, line=64, sets=64, ways=8):
    cache, misses = [[] for _ in range(sets)], 0
    for address in addresses:
        number = address // line
        held = cache[number % sets]
        if number in held:
            held.remove(number)
        else:
            misses += 1
            if len(held) == ways:
                held.pop()
        held.append(number)
    return misses
