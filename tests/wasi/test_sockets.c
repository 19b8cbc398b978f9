/* Sockets that were handed in. */
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness.h"

static void a_pair_talks(void) {
    int ends[2];
    gb_error err;
    struct world w;
    world_open(&w, NULL);
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    int fd = gb_wasi_give_fd(w.wasi, ends[0], &err);
    CHECK_EQ(fd, 4);
    guest_put_u32(&w, 0, guest_text(&w, "ping"));
    guest_put_u32(&w, 4, 4);
    CHECK_EQ(CALL(&w, sock_send, fd, 0, 1, 0, RESULT), WASI_OK);
    CHECK_EQ(CALL(&w, sock_send, fd, 0, 1, 1, RESULT), WASI_EINVAL);
    char text[8] = {0};
    CHECK_EQ(read(ends[1], text, 8), 4);
    CHECK_TEXT(text, "ping");
    CHECK_EQ(write(ends[1], "pong", 4), 4);
    guest_put_u32(&w, 0, BUFFER);
    guest_put_u32(&w, 4, 16);
    CHECK_EQ(CALL(&w, sock_recv, fd, 0, 1, 4, RESULT, RESULT + 8), WASI_EINVAL);
    CHECK_EQ(CALL(&w, sock_recv, fd, 0, 1, WASI_RECV_PEEK, RESULT, RESULT + 8), WASI_OK);
    CHECK_EQ(CALL(&w, sock_recv, fd, 0, 1, 0, RESULT, RESULT + 8), WASI_OK);
    CHECK_EQ(guest_u32(&w, RESULT), 4);
    CHECK(memcmp(w.memory.bytes + BUFFER, "pong", 4) == 0);
    CHECK_EQ(CALL(&w, sock_recv, fd, 0, 1, 0, RESULT, MEMORY - 1), WASI_EFAULT);
    CHECK_EQ(CALL(&w, sock_shutdown, fd, 0), WASI_EINVAL);
    CHECK_EQ(CALL(&w, sock_shutdown, fd, 4), WASI_EINVAL);
    CHECK_EQ(CALL(&w, sock_shutdown, fd, WASI_SHUT_WR), WASI_OK);
    CHECK_EQ(read(ends[1], text, 8), 0);
    CHECK_EQ(CALL(&w, fd_fdstat_set_rights, fd, 0, 0), WASI_OK);
    CHECK_EQ(CALL(&w, sock_shutdown, fd, WASI_SHUT_RD), WASI_ENOTCAPABLE);
    world_close(&w);
    close(ends[1]);
}

static void a_listener_accepts(void) {
    gb_error err;
    struct world w;
    world_open(&w, NULL);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", host_path(&w, "socket"));
    int listener = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_EQ(bind(listener, (void *)&address, sizeof address), 0);
    CHECK_EQ(listen(listener, 4), 0);
    int fd = gb_wasi_give_fd(w.wasi, listener, &err);
    CHECK_EQ(CALL(&w, fd_fdstat_set_flags, fd, WASI_FDFLAG_NONBLOCK), WASI_OK);
    CHECK_EQ(CALL(&w, sock_accept, fd, 0, RESULT), WASI_EAGAIN);
    CHECK_EQ(connect(client, (void *)&address, sizeof address), 0);
    CHECK_EQ(CALL(&w, sock_accept, fd, 1, RESULT), WASI_EINVAL);
    CHECK_EQ(CALL(&w, sock_accept, fd, 0, RESULT), WASI_OK);
    int peer = (int)guest_u32(&w, RESULT);
    CHECK_EQ(peer, fd + 1);
    CHECK_EQ(write_fd(&w, peer, "hi"), WASI_OK);
    char text[8] = {0};
    CHECK_EQ(read(client, text, 8), 2);
    close(client);
    world_close(&w);
}

static void other_descriptors_are_no_sockets(void) {
    struct world w;
    world_open(&w, NULL);
    CHECK_EQ(CALL(&w, sock_shutdown, 3, 1), WASI_ENOTSOCK);
    CHECK_EQ(CALL(&w, sock_shutdown, 0, 1), WASI_ENOTSOCK);
    CHECK_EQ(CALL(&w, sock_accept, 3, 0, RESULT), WASI_ENOTSOCK);
    CHECK_EQ(CALL(&w, sock_send, 9, 0, 0, 0, RESULT), WASI_EBADF);
    CHECK_EQ(CALL(&w, sock_recv, 1, 0, 0, 0, RESULT, RESULT), WASI_ENOTSOCK);
    world_close(&w);
}

void test_sockets(void) {
    a_pair_talks();
    a_listener_accepts();
    other_descriptors_are_no_sockets();
}
