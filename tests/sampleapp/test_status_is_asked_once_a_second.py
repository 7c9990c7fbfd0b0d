import threading

import pytest

from sampleapp.status import StatusBoard


class _Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return _Clock()


@pytest.fixture
def board(book, clock):
    return StatusBoard(book, clock=clock)


def test_many_requests_ask_once(board, book):
    for _ in range(50):
        board.current()
    assert book.counted == 1


def test_after_a_second_it_asks_again(board, book, clock):
    board.current()
    clock.now += 1.0
    board.current()
    assert book.counted == 2


def test_an_entry_of_ones_own_is_seen_at_once(board, book):
    board.current()
    board.forget()
    board.current()
    assert book.counted == 2


def test_while_one_asks_the_others_get_the_former_status(board, book, clock):
    former = board.current()
    clock.now += 5
    asked, answer = threading.Event(), threading.Event()
    count = book.count

    def slow_count():
        asked.set()
        answer.wait(10)
        return count()

    book.count = slow_count
    asker = threading.Thread(target=board.current)
    asker.start()
    assert asked.wait(10)
    assert board.current() is former
    answer.set()
    asker.join()
    assert board.current() is not former
