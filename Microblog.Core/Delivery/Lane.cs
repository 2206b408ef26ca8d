namespace Microblog.Delivery;

/// <summary>Where one author's events go, in order: an endpoint of a protocol.</summary>
/// <param name="Author">Whose events.</param>
/// <param name="Protocol">Who knows how to send them: <see cref="Federation.ILaneProtocol.Name"/>.</param>
/// <param name="Endpoint">The address, as the peer gave it.</param>
/// <param name="Destination">The host behind it. Lanes of one destination share its fate and its limits.</param>
public sealed record Lane(ProfileId Author, string Protocol, string Endpoint, string Destination);
