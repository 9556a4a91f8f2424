// Web owns HTTP: `/api/v1`, health and metrics on the port, and the same plus `/admin/v1` on the admin socket that
// priorctl talks to. The only room that knows Hummingbird, and the only place where errors become HTTP statuses. It asks
// Archive, Ingestion and Recall, whose calls block, on threads of its own (BlockingLane), and decides nothing about studies.
// Start at WebServer, then PublicRoutes and AdminRoutes.
