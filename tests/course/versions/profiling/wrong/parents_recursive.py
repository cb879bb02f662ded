# why: gives up in deep nestings: one call inside of the other

# %% parents.parents
def parents(events):
    found = [None] * len(events)
    order = sorted(range(len(events)), key=lambda i: (events[i].thread, events[i].start, -events[i].end))

    def fill(place, parent):
        """Everything from `place` on that lies in `parent`; returns the first place that does not."""
        while place < len(order):
            event = events[order[place]]
            if parent is not None and (event.thread != events[parent].thread or event.start >= events[parent].end):
                break
            found[order[place]] = parent
            place = fill(place + 1, order[place])
        return place

    fill(0, None)
    return found
