#include "fiber.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cxxabi.h>
#include <utility>

// Saves the callee-saved registers on the current stack, stores the stack pointer in *from, continues on
// `to`.
extern "C" void latchwork_checker_switch(void** from, void* to);

#if defined(__x86_64__)
asm(R"(
.text
.globl latchwork_checker_switch
.type latchwork_checker_switch, @function
latchwork_checker_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
.size latchwork_checker_switch, .-latchwork_checker_switch
)");
#elif defined(__aarch64__)
asm(R"(
.text
.globl latchwork_checker_switch
.type latchwork_checker_switch, @function
latchwork_checker_switch:
    sub sp, sp, #160
    stp x19, x20, [sp, #0]
    stp x21, x22, [sp, #16]
    stp x23, x24, [sp, #32]
    stp x25, x26, [sp, #48]
    stp x27, x28, [sp, #64]
    stp x29, x30, [sp, #80]
    stp d8, d9, [sp, #96]
    stp d10, d11, [sp, #112]
    stp d12, d13, [sp, #128]
    stp d14, d15, [sp, #144]
    mov x9, sp
    str x9, [x0]
    mov sp, x1
    ldp x19, x20, [sp, #0]
    ldp x21, x22, [sp, #16]
    ldp x23, x24, [sp, #32]
    ldp x25, x26, [sp, #48]
    ldp x27, x28, [sp, #64]
    ldp x29, x30, [sp, #80]
    ldp d8, d9, [sp, #96]
    ldp d10, d11, [sp, #112]
    ldp d12, d13, [sp, #128]
    ldp d14, d15, [sp, #144]
    add sp, sp, #160
    ret
.size latchwork_checker_switch, .-latchwork_checker_switch
)");
#else
#error "the model checker switches stacks on x86-64 and arm64 only"
#endif

namespace checker {
namespace {

constexpr std::size_t stack_bytes = 256 * 1024;

// What the C++ runtime keeps for each thread about exceptions being handled (Itanium ABI, 2.2.2).
struct exception_state {
    void* caught = nullptr;
    unsigned int uncaught = 0;
};

exception_state& runtime_exceptions() {
    return *reinterpret_cast<exception_state*>(abi::__cxa_get_globals());
}

struct context {
    void* stack_pointer = nullptr;
    exception_state exceptions;
};

context host;
context* running = &host;

void go(context& next) {
    context& from = *running;
    from.exceptions = std::exchange(runtime_exceptions(), next.exceptions);
    running = &next;
    latchwork_checker_switch(&from.stack_pointer, next.stack_pointer);
}

} // namespace

struct fiber::implementation : context {
    std::byte* memory = nullptr;
    std::function<void()> body;

    static void begin() {
        static_cast<implementation*>(running)->body();
        std::fputs("checker: a fiber's body returned\n", stderr);
        std::abort();
    }
};

fiber::fiber() : self_(std::make_unique<implementation>()) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    void* const memory =
        ::mmap(nullptr, stack_bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || ::mprotect(memory, page, PROT_NONE) != 0) {
        std::perror("checker: no memory for a stack");
        std::abort();
    }
    self_->memory = static_cast<std::byte*>(memory) + page;
}

fiber::~fiber() {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    ::munmap(self_->memory - page, stack_bytes + page);
}

void fiber::prepare(std::function<void()> body) {
    self_->body = std::move(body);
    self_->exceptions = {};
    auto* top = reinterpret_cast<std::uintptr_t*>(self_->memory + stack_bytes);
#if defined(__x86_64__)
    *--top = 0; // the return address of begin, which does not return
    *--top = reinterpret_cast<std::uintptr_t>(&implementation::begin);
    for (int i = 0; i < 6; ++i) { *--top = 0; }
#elif defined(__aarch64__)
    top -= 20;
    for (int i = 0; i < 20; ++i) { top[i] = 0; }
    top[11] = reinterpret_cast<std::uintptr_t>(&implementation::begin); // x30
#endif
    self_->stack_pointer = top;
}

void fiber::switch_to(fiber& next) { go(*next.self_); }
void fiber::enter(fiber& first) { go(*first.self_); }
void fiber::leave() { go(host); }

} // namespace checker
