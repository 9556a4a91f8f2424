internal import ServiceLifecycle

/// What asking senders and fetching from them have in common: looking again and again at what is due, and doing it for
/// several senders at once, each of them one thing at a time, until graceful shutdown.
struct SenderRounds: Sendable {
    let lanes: SenderLanes
    let conversation = Conversation()
    /// Between two looks at what is due.
    let pause: Duration

    /// - Parameters:
    ///   - due: what is due, by sender whose lane is free.
    ///   - serve: does it; its lane is free again afterwards.
    ///   - afterRound: after each look.
    func run<Work: Sendable>(
        due: @escaping @Sendable () async -> [(Sender, Work)],
        serve: @escaping @Sendable (Sender, Work) async -> Void, afterRound: @escaping @Sendable () -> Void = {}
    ) async {
        await cancelWhenGracefulShutdown {
            await withTaskCancellationHandler {
                await withDiscardingTaskGroup { group in
                    while !Task.isCancelled {
                        for (sender, work) in await due() where lanes.enter(sender.aeTitle) {
                            group.addTask {
                                await serve(sender, work)
                                lanes.leave(sender.aeTitle)
                            }
                        }
                        afterRound()
                        try? await Task.sleep(for: pause)
                    }
                }
            } onCancel: {
                conversation.stop()
            }
        }
    }
}
