"""Messages to browsers through their makers' push services (RFC 8030), sealed so that these cannot read them.

sealing   a message for one browser (RFC 8291, RFC 8188)      vapid     who we are (RFC 8292)
reach     which addresses a stranger may make us call         service   the request, and what its answer means
"""
