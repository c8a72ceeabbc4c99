from .home import choose_location, favicon, health_live, health_ready, home

__all__ = ["choose_location", "favicon", "health_live", "health_ready", "home"]
